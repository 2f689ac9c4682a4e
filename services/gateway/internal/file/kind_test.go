package file_test

import (
	"path"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/gateway/internal/file"
)

func TestCleanName(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		"report.pdf": "report.pdf", "über uns.png": "über uns.png", "": "file", ".": "file", "..": "file", "/": "file", "a/": "file",
		"../../etc/passwd": "passwd", `C:\Users\ada\a.txt`: "a.txt", "a\x00b\r\nc.txt": "abc.txt", "invoice\u202Efdp.exe": "invoicefdp.exe",
		" . a.txt. ": "a.txt", "\xff\xfea.txt": "a.txt", ".htaccess": "htaccess", "a\u200bb.txt": "ab.txt", "\n\t": "file",
	} {
		require.Equal(t, want, file.CleanName(from), "%q", from)
	}
	long := file.CleanName(strings.Repeat("é", 300) + ".docx")
	require.LessOrEqual(t, len(long), 200)
	require.True(t, strings.HasSuffix(long, ".docx"))
	require.True(t, utf8.ValidString(long))
	require.LessOrEqual(t, len(file.CleanName("a."+strings.Repeat("x", 500))), 200)
}

func TestTypeOf(t *testing.T) {
	t.Parallel()
	const zip, docx = "PK\x03\x04", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	for name, c := range map[string]struct{ head, filename, said, want string }{
		"a picture is one whatever is said":       {"\x89PNG\r\n\x1a\n", "a.txt", "text/plain", "image/png"},
		"a picture under another type":            {"\xff\xd8\xff", "a.png", "image/png", "image/jpeg"},
		"what is said counts where nothing shows": {"\x00\x01\x02", "a.amr", "audio/amr", "audio/amr"},
		"the name counts where nothing is said":   {"hello", "a.csv", "", "text/csv"},
		"plain bytes say nothing":                 {"hello", "a.csv", "application/octet-stream", "text/csv"},
		"nonsense says nothing":                   {"hello", "a.csv", "x", "text/csv"},
		"a text without a name":                   {"hello", "a", "", "text/plain"},
		"bytes without a name":                    {"\x00\x01", "a", "", "application/octet-stream"},
		"no picture though it says so":            {"hello", "a.png", "image/png", "text/plain"},
		"no picture at all":                       {"\x00\x01", "a.png", "image/png", "application/octet-stream"},
		"no document":                             {"\x00\x01", "a.pdf", "application/pdf", "application/octet-stream"},
		"a page that says it is a text":           {"<!doctype html><script>", "a.txt", "text/plain", "text/html"},
		"a page that says it is a picture":        {"  <html>", "a.gif", "image/gif", "text/html"},
		"a vector picture":                        {`<?xml version="1.0"?><svg>`, "a.svg", "image/svg+xml", "image/svg+xml"},
		"a text that says it is a page":           {"hello", "a.html", "text/html", "text/plain"},
		"a document in a zip":                     {zip, "a.docx", docx, docx},
		"a document by its name":                  {zip, "a.docx", "", docx},
		"a zip that says it is a picture":         {zip, "a.png", "image/png", "application/zip"},
		"a document that is no zip":               {"\x00\x01", "a.docx", docx, "application/octet-stream"},
		"a program that says it is a document":    {"MZ\x90\x00", "a.pdf", "application/pdf", "application/x-executable"},
		"another program":                         {"\x7fELF\x02", "a", "", "application/x-executable"},
		"a film that is sound":                    {"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", "a.m4a", "audio/x-m4a", "audio/mp4"},
		"sound by another name":                   {"RIFF\x00\x00\x00\x00WAVE", "a.wav", "audio/wave", "audio/wav"},
		"calendar":                                {"BEGIN:VCALENDAR", "a.ics", "text/calendar; method=REQUEST", "text/calendar"},
		"JSON":                                    {`{"a":1}`, "a.json", "application/json", "application/json"},
		"nothing at all":                          {"", "a", "", "text/plain"},
		"a line break in what is said":            {"\x00\x01", "a", "image/heic\r\nX: y", "application/octet-stream"},
	} {
		require.Equal(t, c.want, file.TypeOf([]byte(c.head), c.filename, c.said), name)
	}
}

func FuzzKind(f *testing.F) {
	f.Add([]byte("hello"), "a.txt", "text/plain")
	f.Add([]byte("MZ"), "../a\x00.pdf", "application/pdf; x=y")
	f.Add([]byte("PK\x03\x04"), strings.Repeat("é", 200)+".docx", "")
	f.Fuzz(func(t *testing.T, head []byte, name, said string) {
		clean := file.CleanName(name)
		require.NotEmpty(t, clean)
		require.LessOrEqual(t, len(clean), 200)
		require.True(t, utf8.ValidString(clean))
		require.NotContains(t, clean, "\n")
		require.Equal(t, path.Base(clean), clean)
		require.Equal(t, clean, file.CleanName(clean), "cleaning twice is cleaning once")
		require.Regexp(t, `^[^\s/;]+/[^\s;]+$`, file.TypeOf(head, clean, said))
	})
}
