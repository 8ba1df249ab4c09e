"""The rules of make lint: each yields one line a finding."""
import re
import shutil
import subprocess
from pathlib import Path

LIBRARY = Path("build/judge.so")

# Folder: the other folders whose headers it may include, besides core. A whole
# path allows that header only. The map is explained in ext/README.md.
MAY_INCLUDE = {
    "core": [],
    "stats": [],
    "judge": [],
    "llm": [],
    "http": ["llm/transport.h"],
    "align": ["judge"],
    "store": ["judge"],
    "run": ["store", "judge", "llm", "align", "stats"],
    "api": ["run", "store", "judge", "stats"],
}
PURE = ["core", "stats", "judge", "llm", "align"]
WITH_SQLITE = ["store", "run", "api", "main"]
EXPORTS = {
    "sqlite3_judge_init", "sqlite3_judge_no_network_init",
    "sqlite3_judgenonetwork_init", "sqlite3_sqlitejudge_init",
    "sqlite3_modjudge_init", "sqlite3_judgenonet_init",
}
FUNCTION_LINES = 100
FILE_LINES = 800
SQL_LINES = 3


def sources(pattern="*.[ch]"):
    return sorted(Path("ext").rglob(pattern))


def folder_of(path):
    return path.parts[1] if len(path.parts) > 2 else "main"


TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\])*\'',
                   re.DOTALL)


def blank(text, keep_strings=False):
    """The text with comments (and strings) emptied, lines kept."""
    def empty(match):
        token = match.group(0)
        if keep_strings and token[0] in "\"'":
            return token
        edge = token[0] if token[0] in "\"'" else " "
        return edge + "\n" * token.count("\n") + edge
    return TOKEN.sub(empty, text)


def code_lines(path, keep_strings=False):
    return enumerate(blank(path.read_text(), keep_strings).splitlines(), 1)


# --- includes ---------------------------------------------------------------

def is_allowed(path, header):
    folder = folder_of(path)
    other = header.split("/")[0]
    if folder == "main" or other == folder:
        return True
    if other == "core":
        return not (folder == "stats" and header == "core/json.h")
    return any(header == a or other == a for a in MAY_INCLUDE.get(folder, []))


def system_rule(path, header):
    """Why a foreign header may not stand here, or None."""
    folder = folder_of(path)
    if header.startswith("curl/") and folder != "http":
        return "curl belongs in ext/http"
    if "cJSON" in header and str(path) != "ext/core/json.c":
        return "cJSON belongs in ext/core/json.c"
    if header.startswith("sqlite3") and folder not in WITH_SQLITE:
        return "SQLite belongs in ext/store, run, api and main.c"
    return None


def includes():
    for path in sources():
        if folder_of(path) not in (*MAY_INCLUDE, "main"):
            yield f"{path}: folder is not in the table of includes"
        for number, line in code_lines(path, keep_strings=True):
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if not match:
                continue
            kind, header = match.groups()
            foreign = system_rule(path, header)
            if foreign:
                yield f"{path}:{number}: {header}: {foreign}"
            elif header.startswith("sqlite3"):
                continue
            elif kind == '"' and not (Path("ext") / header).exists():
                yield f"{path}:{number}: {header}: no such file below ext/"
            elif kind == '"' and not is_allowed(path, header):
                yield (f"{path}:{number}: {folder_of(path)} must not include "
                       f"{header}")


# --- calls ------------------------------------------------------------------

BANNED = [
    # pattern, why, files in which it is right
    (r"\b(printf|puts|putchar|vprintf)\s*\(", "a library does not print", []),
    (r"(?<![>.\w])(abort|exit|_Exit|quick_exit)\s*\(", "never end the host", []),
    (r"\b(strcpy|strcat|sprintf|vsprintf|gets)\s*\(", "has no bound", []),
    (r"\b(atoi|atol|atoll|atof)\s*\(", "hides errors", []),
    (r"\b(strtod|strtof|strtold)\s*\(", "follows the locale: jg_text_number",
     ["ext/core/text.c"]),
    (r"(?<![>.\w])(setlocale|system|fork|signal|gmtime|localtime|strtok)\s*\(",
     "changes or follows the host's state", []),
    (r"(?<![>.\w])(malloc|calloc|realloc|free|strdup|strndup)\s*\(",
     "memory goes through core/mem.h", ["ext/core/mem.c"]),
    (r"\bcJSON_InitHooks\b", "is one for the whole process", []),
    (r"\b(rand|srand|random|srandom)\s*\(", "use core/rng.h", []),
    (r"\bunchecked\b", "SQL text that nobody looked at: store/checked.h",
     ["ext/core/options.c", "ext/core/options.h", "ext/store/checked.c"]),
    (r"\b(strcoll|isalpha|isdigit|isspace|isalnum|tolower|toupper|isupper|"
     r"islower|ispunct|strcasecmp|strncasecmp)\s*\(", "follows the locale", []),
]


def calls():
    for path in sources():
        folder = folder_of(path)
        for number, line in code_lines(path):
            for pattern, why, right in BANNED:
                match = re.search(pattern, line)
                if match and str(path) not in right:
                    yield f"{path}:{number}: {match.group(0)}: {why}"
            if folder in PURE + ["http"] and re.search(r"\bsqlite3_", line):
                yield f"{path}:{number}: SQLite in a folder without it"
            if folder not in ("api", "main") and "sqlite3_result_" in line:
                yield f"{path}:{number}: results belong in ext/api"


def transactions():
    """No statement of ours opens a transaction on the host's connection."""
    word = re.compile(r'"\s*(BEGIN|SAVEPOINT|COMMIT|ROLLBACK|RELEASE)\b(?!")',
                      re.IGNORECASE)
    for path in sources():
        if folder_of(path) not in WITH_SQLITE:
            continue
        for number, line in code_lines(path, keep_strings=True):
            if (word.search(line) or
                    re.search(r'"(BEGIN|SAVEPOINT|COMMIT|ROLLBACK)"', line)):
                yield f"{path}:{number}: opens or ends a transaction"


def formats():
    """printf's floats follow the locale; SQLite's own do not."""
    conversion = re.compile(r"%[-+ #0-9.*]*l?[fFgGeEaA](?![a-zA-Z])")
    for path in sources():
        if str(path) == "ext/core/buf.c":
            continue
        lines = blank(path.read_text(), keep_strings=True).splitlines()
        for number, line in enumerate(lines, 1):
            around = "".join(lines[max(0, number - 4):number])
            texts = re.findall(r'"(?:\\.|[^"\\])*"', line)
            if (any(conversion.search(t) for t in texts) and
                    not re.search(r"sqlite3_\w*printf|sqlite3_str_|strftime",
                                  around)):
                yield f"{path}:{number}: a float in a printf: use jg_buf_real"


# --- shape ------------------------------------------------------------------

def sql_texts():
    word = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|WITH)\b")
    for path in sources("*.c"):
        run = []
        for number, line in [*code_lines(path, keep_strings=True), (0, "")]:
            if line.strip().startswith('"'):
                run.append((number, line))
                if not line.rstrip().endswith((",", ";")):
                    continue
            text = " ".join(part for _, part in run)
            if len(run) > SQL_LINES and word.search(text):
                yield (f"{path}:{run[0][0]}: {len(run)} lines of SQL: put it "
                       f"into sql/queries/")
            # A text may begin behind an assignment or a call.
            run = [(number, line)] if line.rstrip().endswith('"') else []


def functions_of(path):
    """(name, first line, lines) of each function in clang-format's layout."""
    head, start = "", 0
    for number, line in code_lines(path):
        if not start and re.match(r"[A-Za-z_]", line):
            head = line
        elif not start and line.startswith((" ", "\t")):
            head += line
        if not start and line.rstrip().endswith("{") and "(" in head:
            name = re.search(r"(\w+)\s*\(", head)
            start = number
        elif start and line.startswith("}"):
            yield name.group(1), start, number - start + 1
            start, head = 0, ""


def lengths():
    for path in sources():
        count = len(path.read_text().splitlines())
        if count > FILE_LINES:
            yield f"{path}: {count} lines, {FILE_LINES} at most"
        for name, line, length in functions_of(path):
            if length > FUNCTION_LINES:
                yield (f"{path}:{line}: {name} has {length} lines, "
                       f"{FUNCTION_LINES} at most")


def headers():
    """Every file says what it is; every header is guarded by its path."""
    for path in sources():
        text = path.read_text()
        if not text.startswith("/*"):
            yield f"{path}:1: no header comment"
        guard = re.sub(r"[^A-Z0-9]", "_",
                       "JG_" + str(path.relative_to("ext")).upper())
        if path.suffix == ".h" and f"#ifndef {guard}" not in text:
            yield f"{path}: the guard should be {guard}"


def extension_point():
    """SQLITE_EXTENSION_INIT1 stands once, in ext/main.c."""
    places = [str(p) for p in sources()
              if re.search(r"^\s*SQLITE_EXTENSION_INIT1\b",
                           blank(p.read_text()), re.MULTILINE)]
    if places != ["ext/main.c"]:
        yield f"SQLITE_EXTENSION_INIT1 stands in {', '.join(places) or 'no file'}"


# --- the built library ------------------------------------------------------

def exports():
    if not LIBRARY.exists():
        yield f"{LIBRARY}: not built"
        return
    text = subprocess.run(["nm", "-D", "--defined-only", LIBRARY], text=True,
                          capture_output=True, check=True).stdout
    names = {line.split()[-1] for line in text.splitlines() if line.strip()}
    for name in sorted(names - EXPORTS):
        yield f"{LIBRARY}: exports {name}"
    if "sqlite3_judge_init" not in names:
        yield f"{LIBRARY}: exports no sqlite3_judge_init"


def libraries():
    if not LIBRARY.exists():
        return
    text = subprocess.run(["readelf", "-d", LIBRARY], text=True,
                          capture_output=True, check=True).stdout
    if "libsqlite3" in text:
        yield f"{LIBRARY}: needs libsqlite3; it must use the host's"


def globals_():
    """State hangs on the connection; curl's own start is the exception."""
    for path in sorted(Path("build/obj/ext").rglob("*.o")):
        source = Path(*path.parts[2:]).with_suffix(".c")
        if not source.exists() or folder_of(source) == "http":
            continue
        text = subprocess.run(["objdump", "-t", path], text=True,
                              capture_output=True, check=True).stdout
        for name in re.findall(
                r"\sO\s\.(?:data|bss)(?!\.rel\.ro)\S*\s+\S+\s+(?:\.hidden )?(\S+)$",
                text, re.MULTILINE):
            if name != "sqlite3_api":
                yield f"{source}: {name} is a variable of the whole process"


def layout():
    if not shutil.which("clang-format"):
        yield "clang-format is not installed"
        return
    files = [*sources(), *Path("tests/driver").glob("*.[ch]"),
             *Path("tests/unit").glob("*.[ch]"),
             *Path("tests/fuzz").rglob("*.c")]
    done = subprocess.run(["clang-format", "--dry-run", "-Werror", *files],
                          text=True, capture_output=True, check=False)
    for path in sorted(set(re.findall(r"^(\S+?):\d+:\d+: error",
                                      done.stderr, re.MULTILINE))):
        yield f"{path}: run make format"
    if done.returncode and "error" not in done.stderr:
        yield f"clang-format: {done.stderr.strip()}"


def file_map():
    """ext/README.md names each file below ext/, and no other."""
    text = Path("ext/README.md").read_text()
    folder, named = "", set()
    for line in text[text.index("## Files"):].splitlines():
        heading = re.match(r"### (\w+)/", line)
        if heading:
            folder = heading[1] + "/"
        elif line.startswith("| `"):
            cell = line.split("|")[1]
            named |= {folder + n for n in re.findall(r"`([\w.]+)`", cell)}
    there = {str(p.relative_to("ext")) for p in sources()}
    for name in sorted(there - named):
        yield f"ext/README.md: {name} has no line"
    for name in sorted(named - there):
        yield f"ext/README.md: {name} is not there"


def sql_names():
    """docs/sql.md names each SQL name that there is."""
    names = set()
    for path in ("ext/api/functions.c", "ext/api/modules.c"):
        names |= set(re.findall(r'^    \{"(\w+)", ', Path(path).read_text(),
                                re.MULTILINE))
    for path in Path("sql/schema").glob("*.sql"):
        names |= set(re.findall(r"^CREATE (?:TABLE|VIEW) (?:IF NOT EXISTS )?(\w+)",
                                path.read_text(), re.MULTILINE))
    text = Path("docs/sql.md").read_text()
    for name in sorted(names):
        if not re.search(rf"`{name}\b", text):
            yield f"docs/sql.md: {name} is not there"


ALL = {
    "includes": includes, "calls": calls, "transactions": transactions,
    "formats": formats, "sql-texts": sql_texts, "lengths": lengths,
    "headers": headers, "extension-point": extension_point,
    "exports": exports, "libraries": libraries, "globals": globals_,
    "layout": layout, "file-map": file_map,
    "sql-names": sql_names,
}
