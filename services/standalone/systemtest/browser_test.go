package systemtest_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/service/servicetest"
)

// TestBrowser drives the page and the sandbox's page in a real Chromium, against everything in one process as a
// newcomer starts it. CONVERSATIONS_SCREENSHOTS names a folder for the pictures.
func TestBrowser_a_person_writes_and_a_customer_answers(t *testing.T) {
	t.Parallel()
	web, err := filepath.Abs("../../gateway/web")
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(web, "dist", "index.html"), "the page is not built: make web")

	dir, env := t.TempDir(), map[string]string{"CONVERSATIONS_DATA_DIRECTORY": t.TempDir(), "CONVERSATIONS_DEMO": "false", "CONVERSATIONS_DEFAULT_PLAN": "pro"}
	for _, name := range []string{"GATEWAY", "WEBHOOK", "SENDER", "STORE", "SANDBOX"} {
		env["CONVERSATIONS_"+name+"_ADDRESS"] = servicetest.FreeAddress(t)
	}
	gateway, sandbox := "http://"+env["CONVERSATIONS_GATEWAY_ADDRESS"], "http://"+env["CONVERSATIONS_SANDBOX_ADDRESS"]
	var told []byte
	t.Cleanup(func() { // After the last lines of the process: what the browser missed is what is read first.
		if t.Failed() {
			t.Logf("the browser:\n%s", told)
		}
	})
	everything := spawn(t, dir, "standalone", "http://"+env["CONVERSATIONS_STORE_ADDRESS"]+"/readyz", env)
	everything.waitReady(t)

	pictures := os.Getenv("CONVERSATIONS_SCREENSHOTS")
	if pictures == "" {
		pictures = t.TempDir()
	}
	browse := exec.CommandContext(t.Context(), "npm", "--prefix", web, "run", "--silent", "e2e", "--", "--output", t.TempDir())
	browse.Env = append(os.Environ(),
		"E2E_GATEWAY_URL="+gateway, "E2E_SANDBOX_URL="+sandbox, "E2E_SCREENSHOTS="+pictures)
	told, err = browse.CombinedOutput()
	if err != nil {
		t.Logf("calls to the providers: %v", stranger(t, sandbox).call(http.MethodGet, "/api/requests", nil).body)
		t.Logf("sender: %v", stranger(t, "http://"+env["CONVERSATIONS_SENDER_ADDRESS"]).call(http.MethodGet, "/readyz", nil).body)
	}
	require.NoError(t, err)
	shots, err := filepath.Glob(filepath.Join(pictures, "*.png"))
	require.NoError(t, err)
	require.NotEmpty(t, shots, "the browser took no picture")
}
