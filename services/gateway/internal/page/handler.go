// Package page serves the built web page out of the binary.
package page

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

const (
	index = "index.html"
	// policy lets the page load what comes with it and talk to us, and nothing else. Styles may be inline: the
	// primitives of the page and the mails it shows set them; scripts may not.
	policy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
		"font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
	unbuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Conversations</title>
<h1>Conversations</h1>
<p>The gateway runs, but its page was not built. Run <code>make web</code> and build again.</p>
<p>The API is described at <a href="/api/docs">/api/docs</a>.</p>
</html>
`
)

// Handler serves the files of a built page, and the page itself under every other path a browser opens.
type Handler struct {
	files fs.FS
	shell []byte
}

// New reads the page. Without a built one the handler says so to whoever opens it.
func New(files fs.FS) (*Handler, error) {
	shell, err := fs.ReadFile(files, index)
	if errors.Is(err, fs.ErrNotExist) {
		shell, err = []byte(unbuilt), nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the page: %w", err)
	}
	return &Handler{files: files, shell: shell}, nil
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	w.Header().Set("Content-Security-Policy", policy)
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	if h.serveFile(w, r, name) {
		return
	}
	// Only who wants a page gets one: a script asking for a file that is gone must not be given HTML.
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, index, time.Time{}, bytes.NewReader(h.shell))
}

func (h *Handler) serveFile(w http.ResponseWriter, r *http.Request, name string) bool {
	if name == "" || name == index || strings.HasPrefix(path.Base(name), ".") {
		return false
	}
	content, err := fs.ReadFile(h.files, name)
	if err != nil {
		return false
	}
	w.Header().Set("Cache-Control", "no-cache")
	if strings.HasPrefix(name, "assets/") { // the build writes a hash of the content into these names
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
	return true
}
