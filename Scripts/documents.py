#!/usr/bin/env python3
"""Writes manual pages and the file of settings from what a program says of its arguments.

    documents.py manual TEMPLATE --version TEXT --seconds N <help.json     a page in mdoc(7)
    documents.py settings <help.json                                       a commented martletd.conf

The JSON is what `martletd --experimental-dump-help` prints. swift-argument-parser has a plug-in that makes
pages, too; it repeats all settings under each command, and has no place for files and variables.
"""
import argparse, json, re, sys, textwrap, time

# The title under which the parser lists the flags that most commands share.
SHARED = "Settings"
# Said once, not for each command.
COMMON = {"version", "help"}
VARIABLE = "MARTLET_"
DELIMITERS = ".,:;)?!"


def escape(text):
    """Text for a line of its own, or for the words of a macro."""
    text = text.replace("\\", "\\e").replace('"', "\\(dq")
    return "\\&" + text if text[:1] in (".", "'") else text


def macro(name, text):
    """A line that sets words off, with the signs around them where mdoc wants them: apart."""
    before = re.match(r"[(\[]*", text).group()
    after = re.search(rf"[{re.escape(DELIMITERS + ']')}]*$", text[len(before):]).group()
    inner = text[len(before):len(text) - len(after)]
    return " ".join([f".{name}", *before, escape(inner), *after])


def prose(text):
    """Sentences as lines of mdoc, with flags, variables and what stands in backquotes set off."""
    lines = []
    words = []

    def end():
        if words:
            lines.append(escape(" ".join(words)))
            words.clear()

    for word in re.findall(r"[(\[]?`[^`]*`\S*|\S+", text):
        if quoted := re.fullmatch(r"([(\[]?)`([^`]*)`(\S*)", word):
            end()
            lines.append(macro("Ql", "".join(quoted.groups())))
        elif flag := re.fullmatch(r"([(\[]?)--([a-z-]+)([.,:;)\]]*)", word):
            end()
            lines.append(macro("Fl", f"{flag[1]}\\-{flag[2]}{flag[3]}").replace("\\e-", "\\-"))
        elif re.fullmatch(r"[(\[]?(MARTLET_[A-Z_]+|DATABASE_URL|NO_COLOR)[.,:;)\]]*", word):
            end()
            lines.append(macro("Ev", word))
        else:
            words.append(word)
            # So that the end of a sentence is known for one.
            if word.endswith(".") and len(word) > 2:
                end()
    end()
    return lines


def flags(argument):
    """How an argument is given, as words of a macro line."""
    if argument["kind"] == "positional":
        words = f"Ar {argument['valueName']}"
        return words + (" ..." if argument["isRepeating"] else "")
    names = [
        "Fl " + (name["name"] if name["kind"] == "short" else "\\-" + name["name"])
        for name in argument["names"]
    ]
    value = f" Ar {argument['valueName']}" if argument["kind"] == "option" else ""
    return " , ".join(name + value for name in names)


def brief(argument):
    """An argument in a synopsis."""
    if argument["kind"] != "positional":
        argument = {**argument, "names": argument["names"][-1:]}
    words = flags(argument)
    return f"Oo {words} Oc" if argument["isOptional"] else words


def is_shared(argument):
    return argument.get("sectionTitle") == SHARED


def own(command):
    """What only this command takes."""
    return [
        argument for argument in command.get("arguments", [])
        if argument["shouldDisplay"] and not is_shared(argument)
        and argument.get("valueName") not in COMMON
    ]


def shared(command):
    """What most commands take; a flag and its contrary once."""
    named = {}
    for argument in command.get("arguments", []):
        if is_shared(argument):
            positive = argument["preferredName"]["name"].removeprefix("no-")
            if positive in named:
                named[positive]["names"] += argument["names"]
            else:
                named[positive] = {**argument, "names": list(argument["names"])}
    return list(named.values())


def described(arguments):
    lines = [".Bl -tag -width Ds"]
    for argument in arguments:
        lines += [f".It {flags(argument)}", *prose(argument.get("abstract", ""))]
        if "defaultValue" in argument:
            lines += [f"(default: {escape(argument['defaultValue'])})"]
    return lines + [".El"]


def commands(root):
    """A list of the commands, and one for each group of them."""
    visible = [
        child for child in root["subcommands"]
        if child["shouldDisplay"] and child["commandName"] != "help"
    ]
    lines = listed([child for child in visible if not child.get("subcommands")], ())
    for group in visible:
        if group.get("subcommands"):
            name = group["commandName"]
            lines += [f".Ss {escape(name)}", *said_of(group), *listed(group["subcommands"], (name,))]
    return lines


def listed(children, path):
    lines = [".Bl -tag -width Ds"]
    for command in children:
        arguments = own(command)
        words = (*path, command["commandName"], *(brief(argument) for argument in arguments))
        lines += [f".It Cm {' '.join(words)}", *said_of(command)]
        # A name, such as what `user show` takes, explains itself.
        told = [argument for argument in arguments if argument["kind"] != "positional"]
        lines += described(told) if told else []
    return lines + [".El"]


def said_of(command):
    return prose(command.get("abstract", "")) + prose(command.get("discussion") or "")


def find(root, name):
    return next(child for child in root["subcommands"] if child["commandName"] == name)


def manual(root, template, version, seconds):
    options = [argument for argument in root.get("arguments", []) if argument["shouldDisplay"]]
    day = time.gmtime(seconds)
    parts = {
        "VERSION": [version],
        "DATE": [f"{time.strftime('%B', day)} {day.tm_mday}, {day.tm_year}"],
        "SYNOPSIS": [f".{brief(argument)}" for argument in options],
        "OPTIONS": described(options),
        "COMMANDS": commands(root),
    }
    if any(child["commandName"] == "serve" for child in root["subcommands"]):
        parts["SETTINGS"] = described(shared(find(root, "serve")))
    for line in template.splitlines():
        if whole := re.fullmatch(r"@([A-Z]+)@", line):
            yield from parts[whole[1]]
        else:
            yield re.sub(r"@([A-Z]+)@", lambda part: " ".join(parts[part[1]]), line)


# In a file that a packager or an operator puts into its place, this one is said: a command that the
# operator runs looks for the server there.
DATA = ("MARTLET_DATA_DIRECTORY", "/var/lib/martlet")


def settings(root):
    yield from (
        "# Settings of martletd, the server of Martlet. martletd(8) says more of them.",
        "#",
        "# A line is NAME=value, without quotation marks. A line that begins with # does nothing: take the",
        "# sign away to set something. The command line and the environment count before this file. Then:",
        "#",
        "#     martletd config check        shows what holds, and what is wrong",
        "#     systemctl reload martletd    has the server read the file again; its log says what waits",
        "#                                  for a restart",
    )
    for argument in shared(find(root, "serve")):
        flag = argument["preferredName"]["name"]
        if flag == "config":
            continue
        name = VARIABLE + flag.upper().replace("-", "_")
        text = argument["abstract"]
        usual = re.search(r" \(default: (.*?)\)$", text)
        text = text.removesuffix(usual.group()) if usual else text
        value = usual[1] if usual else "no" if argument["kind"] == "flag" else ""
        yield ""
        yield from textwrap.wrap(text, 100, initial_indent="# ", subsequent_indent="# ",
                                 break_on_hyphens=False)
        if name == DATA[0]:
            yield "# The unit of systemd says the same, and lets the server write nowhere else."
            yield "=".join(DATA)
        else:
            yield f"#{name}={value}"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(dest="kind", required=True)
    page = kinds.add_parser("manual")
    page.add_argument("template", type=argparse.FileType(encoding="utf-8"))
    page.add_argument("--version", required=True)
    page.add_argument("--seconds", type=int, required=True, help="when the sources were changed last")
    kinds.add_parser("settings")
    options = parser.parse_args()
    help = json.load(sys.stdin)
    if help["serializationVersion"] != 0:
        raise SystemExit("The parser describes arguments in another form than this reads.")
    root = help["command"]
    lines = settings(root) if options.kind == "settings" else manual(
        root, options.template.read(), options.version, options.seconds)
    sys.stdout.reconfigure(encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
