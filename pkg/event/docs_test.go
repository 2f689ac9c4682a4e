package event_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/event"
)

const docsPath = "../../docs/events.md"

// update rewrites the tables: go test ./pkg/event -run TestDocs -update.
var update = flag.Bool("update", false, "rewrite the tables of docs/events.md") //nolint:gochecknoglobals // a test flag is registered before TestMain

func TestDocs_tables_are_the_declared_streams_and_buckets(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(docsPath)
	require.NoError(t, err)

	want := replaceTable(t, string(text), "streams", streamTable())
	want = replaceTable(t, want, "buckets", bucketTable())
	if *update {
		require.NoError(t, os.WriteFile(docsPath, []byte(want), 0o600))
		return
	}
	require.Equal(t, want, string(text), "docs/events.md is not what the code declares")
}

func streamTable() string {
	var table strings.Builder
	table.WriteString("| stream | subjects | carries | durable consumers | kept once processed | refuses at |\n|---|---|---|---|---|---|\n")
	for _, stream := range event.Streams() {
		fmt.Fprintf(&table, "| %s | `%s` | %s | %s | %s | %s |\n", stream.Name, strings.Join(stream.Subjects, "` `"),
			stream.Carries, orDash(strings.Join(stream.Durables, ", ")), kept(stream.Retention), size(stream.MaxBytes))
	}
	return table.String()
}

func bucketTable() string {
	var table strings.Builder
	table.WriteString("| bucket | holds | projection | kept | refuses at |\n|---|---|---|---|---|\n")
	for _, bucket := range event.Buckets() {
		projection := "no"
		if bucket.Projection {
			projection = "yes"
		}
		fmt.Fprintf(&table, "| %s | %s | %s | %s | %s |\n", bucket.Name, bucket.Holds, projection, days(bucket.TTL), size(bucket.MaxBytes))
	}
	return table.String()
}

func replaceTable(t *testing.T, text, name, table string) string {
	t.Helper()
	begin, end := "<!-- "+name+" -->\n", "<!-- end "+name+" -->"
	head, rest, ok := strings.Cut(text, begin)
	require.True(t, ok, "docs/events.md has no %q", begin)
	_, tail, ok := strings.Cut(rest, end)
	require.True(t, ok, "docs/events.md has no %q", end)
	return head + begin + table + end + tail
}

func kept(retention time.Duration) string {
	if retention == 0 {
		return "until a person removes it"
	}
	return days(retention)
}

func days(d time.Duration) string {
	if d == 0 {
		return "for ever"
	}
	if n := int(d / (24 * time.Hour)); n != 1 {
		return fmt.Sprintf("%d days", n)
	}
	return "1 day"
}

func size(bytes int64) string {
	if bytes >= 1<<30 {
		return fmt.Sprintf("%d GiB", bytes>>30)
	}
	return fmt.Sprintf("%d MiB", bytes>>20)
}

func orDash(text string) string {
	if text == "" {
		return "none"
	}
	return text
}
