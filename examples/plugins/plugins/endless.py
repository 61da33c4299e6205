def on_save(title):
    while True:
        pass
