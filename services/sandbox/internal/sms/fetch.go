package sms

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

const (
	fetchTimeout = 10 * time.Second
	// MaxFile is the size of the largest file that is fetched.
	MaxFile = 16 << 20
)

var errNotServed = errors.New("the file is not there")

// Fetcher gets the files of messages from the addresses they were given by, as the providers do.
type Fetcher struct {
	client    *http.Client
	reachable func(rawURL string) bool
}

// NewFetcher makes a fetcher of what is reachable: nothing is asked for outside.
func NewFetcher(reachable func(rawURL string) bool) *Fetcher {
	return &Fetcher{
		reachable: reachable,
		client: &http.Client{
			Timeout: fetchTimeout, Transport: &http.Transport{DisableKeepAlives: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Fetch gets the files. What is outside is left out: a customer then sees its address alone.
func (f *Fetcher) Fetch(ctx context.Context, addresses []string) ([]world.File, error) {
	var files []world.File
	for _, address := range addresses {
		if !f.reachable(address) {
			continue
		}
		file, err := f.fetch(ctx, address)
		if err != nil {
			return nil, fmt.Errorf("fetching a file: %w", err)
		}
		files = append(files, file)
	}
	return files, nil
}

func (f *Fetcher) fetch(ctx context.Context, address string) (world.File, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return world.File{}, err
	}
	response, err := f.client.Do(request)
	if err != nil {
		return world.File{}, err
	}
	defer func() { _ = response.Body.Close() }() // what matters has been read by then
	if response.StatusCode != http.StatusOK {
		return world.File{}, fmt.Errorf("%w: status %d", errNotServed, response.StatusCode)
	}
	content, err := io.ReadAll(io.LimitReader(response.Body, MaxFile+1))
	if err != nil || len(content) > MaxFile {
		return world.File{}, fmt.Errorf("%w: it breaks off or is too large", errNotServed)
	}
	kind, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if err != nil {
		kind = "application/octet-stream"
	}
	return world.File{Filename: nameOf(response.Header, address), ContentType: kind, Content: content}, nil
}

// nameOf is what the server calls the file, else the end of its address.
func nameOf(header http.Header, address string) string {
	_, parameters, _ := mime.ParseMediaType(header.Get("Content-Disposition"))
	at, err := url.Parse(address)
	if err != nil {
		return cmp.Or(parameters["filename"], "file")
	}
	return cmp.Or(parameters["filename"], path.Base(at.Path))
}
