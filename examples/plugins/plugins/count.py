saves = 0


def on_save(title):
    global saves
    saves += 1
    if saves == 1:
        add_line("saved " + title)
    return "save %d, %d lines" % (saves, len(get_lines()))
