class InsufficientFunds(Exception):
    def __init__(self, need, have):
        super().__init__("need %d, have %d" % (need, have))
        self.need = need
        self.have = have

class Account:
    count = 0
    def __init__(self, owner, balance=0):
        self.owner = owner
        self.balance = balance
        self.history = []
        Account.count += 1
    def deposit(self, amount):
        if amount <= 0:
            raise ValueError("amount must be positive")
        self.balance += amount
        self.history.append(("in", amount))
    def withdraw(self, amount):
        if amount > self.balance:
            raise InsufficientFunds(amount, self.balance)
        self.balance -= amount
        self.history.append(("out", amount))
    def __repr__(self):
        return f"<{self.owner}: {self.balance}>"

class Savings(Account):
    def __init__(self, owner, balance=0, rate=0.02):
        super().__init__(owner, balance)
        self.rate = rate
    @property
    def interest(self):
        return self.balance * self.rate
    def add_interest(self):
        self.deposit(int(self.interest) or 1)

accounts = [Account("ann", 100), Savings("bob", 500), Savings("cy", 250, rate=0.1)]
refused = 0
state = 12345
for step in range(600):
    state = (state * 1103515245 + 12345) & 0x7FFFFFFF
    source = accounts[state % 3]
    target = accounts[(state >> 8) % 3]
    try:
        source.withdraw(state % 97)
        target.deposit(state % 97 or 5)
    except InsufficientFunds as error:
        refused += 1
        if isinstance(source, Savings):
            source.add_interest()
    except ValueError:
        pass
print(accounts, refused, Account.count, [len(a.history) for a in accounts])
print(sum(amount for a in accounts for kind, amount in a.history if kind == "in"))
