package all_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel/all"
)

// root is the repository.
const root = "../../.."

// source are the endings of files that are source; a provider's name in another file is no dependency.
func source() []string {
	return []string{".go", ".proto", ".sql", ".ts", ".tsx", ".html", ".sh", ".js", ".mjs", ".json"}
}

// skipped are folders that hold no source of ours.
func skipped() []string {
	return []string{".git", ".tools", ".data", "bin", "node_modules", "dist", "testdata", "docs", "deploy", "test-results"}
}

// TestNames holds the rule that a provider is one folder and one line: no other file names one.
func TestNames(t *testing.T) {
	t.Parallel()
	registry, err := all.Registry()
	require.NoError(t, err)
	files := 0
	walk := func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if slices.Contains(skipped(), entry.Name()) || isHome(path, registry.Names()) {
				return fs.SkipDir
			}
			return nil
		}
		if !isSource(entry.Name()) {
			return nil
		}
		files++
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, name := range registry.Names() {
			line, found := firstLine(string(content), name, !strings.Contains(path, "/web/"))
			if found {
				t.Errorf("%s:%d names the provider %q", path, line, name)
			}
		}
		return nil
	}
	require.NoError(t, filepath.WalkDir(root, walk))
	require.Greater(t, files, 50, "the walk found the repository")
}

// isHome tells the folders where a provider may be named: its own, this one and the stand-in for the outside world.
func isHome(path string, names []string) bool {
	relative, err := filepath.Rel(root, path)
	if err != nil {
		return false
	}
	relative = filepath.ToSlash(relative)
	folder, name := filepath.Split(relative)
	return relative == "pkg/channel/all" || relative == "services/sandbox" ||
		(folder == "pkg/channel/" && slices.Contains(names, name))
}

// isSource leaves out tests, which may well try a real provider, and lock files, which list other people's packages.
func isSource(name string) bool {
	for _, test := range []string{"_test.go", ".test.ts", ".test.tsx", ".spec.ts"} {
		if strings.HasSuffix(name, test) {
			return false
		}
	}
	return name != "package-lock.json" && slices.Contains(source(), filepath.Ext(name))
}

// firstLine finds the line that names a provider: the beginning of a word, whatever its case and whatever an underscore
// or a hyphen joins to it. Names may be English words, which a page says to people: there only a name that stands for
// itself counts, between quotes or slashes.
func firstLine(content, name string, strict bool) (int, bool) {
	for i, line := range strings.Split(strings.ToLower(content), "\n") {
		line = withoutInnocent(line)
		if strict && slices.ContainsFunc(words(line), func(word string) bool { return strings.HasPrefix(word, name) }) {
			return i + 1, true
		}
		for _, quote := range []string{`"`, "'", "`", "/"} {
			if strings.Contains(line, quote+name+quote) {
				return i + 1, true
			}
		}
	}
	return 0, false
}

// withoutInnocent takes out of a line what only looks like the name of a provider: the words and constructs of others
// that are written like it. Whatever else begins with the name still counts.
func withoutInnocent(line string) string {
	for _, other := range []string{"metadata", "<meta ", "import.meta"} {
		line = strings.ReplaceAll(line, other, " ")
	}
	return line
}

func words(line string) []string {
	return strings.FieldsFunc(line, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
}

func TestFirstLine(t *testing.T) {
	t.Parallel()
	for text, strict := range map[string]bool{
		`case "acme":`: true, "ACME_API_KEY": true, "import x/acme": true, "AcmeClient": true, "// like Acme": true,
		`provider === 'acme'`: false, "/webhooks/acme/": false, "`acme`": false,
	} {
		_, found := firstLine("one\n"+text, "acme", strict)
		require.True(t, found, text)
	}
	for _, text := range []string{`case "meta":`, "META_TOKEN", "meta.New()", "MetaClient", "// like Meta", "x/meta", "metadata of Meta"} {
		_, found := firstLine("one\n"+text, "meta", true)
		require.True(t, found, text)
	}
	for _, text := range []string{"Metadata()", `json:"metadata"`, `<meta charset="utf-8">`, "import.meta.dirname"} {
		_, found := firstLine(text, "meta", true)
		require.False(t, found, text)
	}
	for text, strict := range map[string]bool{"pacmes": true, "": true, "onClick={acme}>Acme it": false} {
		_, found := firstLine(text, "acme", strict)
		require.False(t, found, text)
	}
}
