package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const stream = `{"Action":"start","Package":"p/one"}
{"Action":"run","Package":"p/one","Test":"TestVectors/more/acme.sig.good"}
{"Action":"output","Package":"p/one","Test":"TestVectors/more/acme.sig.good","Output":"=== RUN   TestVectors/more/acme.sig.good\n"}
{"Action":"pass","Package":"p/one","Test":"TestVectors/more/acme.sig.good"}
{"Action":"output","Package":"p/one","Test":"TestVectors/more/acme.sig.bad","Output":"    vectors.go:120: \n"}
{"Action":"output","Package":"p/one","Test":"TestVectors/more/acme.sig.bad","Output":"        \tError Trace:\t/x/vectors.go:120\n"}
{"Action":"output","Package":"p/one","Test":"TestVectors/more/acme.sig.bad","Output":"        \tError:      \tNot equal: \n"}
{"Action":"output","Package":"p/one","Test":"TestVectors/more/acme.sig.bad","Output":"        \t            \texpected: \"sent\"\n"}
{"Action":"output","Package":"p/one","Test":"TestVectors/more/acme.sig.bad","Output":"        \t            \tactual  : \"failed\"\n"}
{"Action":"output","Package":"p/one","Test":"TestVectors/more/acme.sig.bad","Output":"        \tTest:       \tTestVectors/more/acme.sig.bad\n"}
{"Action":"output","Package":"p/one","Test":"TestVectors/more/acme.sig.bad","Output":"        \tMessages:   \tit moved back\n"}
{"Action":"fail","Package":"p/one","Test":"TestVectors/more/acme.sig.bad"}
not a line of ours
{"Action":"fail","Package":"p/one","Test":"TestVectors/more/late"}
{"Action":"pass","Package":"p/two","Test":"TestVectors/more/late"}
{"Action":"pass","Package":"p/two","Test":"TestVectors/globex.other.folder"}
{"Action":"build-output","ImportPath":"p/three","Output":"does not compile\n"}
{"Action":"fail","Package":"p/one"}`

func TestReadOutcomes(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	outcomes, err := readOutcomes(strings.NewReader(stream), &stderr)
	require.NoError(t, err)
	require.Equal(t, map[string]outcome{
		"acme.sig.good": {},
		"acme.sig.bad":  {failed: true, reason: `Not equal: expected: "sent" actual  : "failed" it moved back`},
		"late":          {failed: true, reason: "the test stopped without a word"},
	}, outcomes)
	require.Equal(t, "does not compile\n", stderr.String())
}

func TestReport_counts_what_nobody_played_as_failed(t *testing.T) {
	t.Parallel()
	var stdout bytes.Buffer
	failed, err := report(&stdout, []vector{{"a.1", "a"}, {"b.1", "b"}, {"c", ""}},
		map[string]outcome{"a.1": {}, "c": {failed: true, reason: "wrong"}})
	require.NoError(t, err)
	require.Equal(t, 2, failed)
	require.Equal(t, "a.1 pass\nb.1 fail no adapter of provider \"b\" played it\nc fail wrong\n1 passed, 2 failed\n", stdout.String())
}

func TestList(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	_, err := list(folder)
	require.ErrorIs(t, err, os.ErrNotExist)
	write := func(name, content string) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600))
	}
	write("index.json", `{"vectors":[{"id":"a.1","provider":"a","expect":{}}]}`)
	write("status_sequences.json", `[{"id":"late","events":["sent"]}]`)
	listed, err := list(folder)
	require.NoError(t, err)
	require.Equal(t, []vector{{"a.1", "a"}, {"late", ""}}, listed)
	write("api_responses.json", `{`)
	_, err = list(folder)
	require.ErrorContains(t, err, "api_responses.json")
}
