package systemtest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// natsConfig is the configuration the compose file gives the NATS server, with a folder of the test's own.
func natsConfig(t *testing.T) string {
	t.Helper()
	shipped, err := os.ReadFile("../../../deploy/nats.conf")
	require.NoError(t, err)
	storeDirectory := regexp.MustCompile(`(?m)^(\s*store_dir:?\s*).*$`)
	require.Regexp(t, storeDirectory, string(shipped))
	path := filepath.Join(t.TempDir(), "nats.conf")
	own := storeDirectory.ReplaceAllString(string(shipped), `${1}"`+t.TempDir()+`"`)
	require.NoError(t, os.WriteFile(path, []byte(own), 0o600))
	return path
}
