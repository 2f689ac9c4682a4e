package callapi

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
)

const (
	usualPage = 50
	maxSize   = 1000
	// maxPage bounds how far a list is read.
	maxPage = 100_000
)

// listed is the page of a list that a request asks for; found are its entries to one past that page.
func listed[T any](a *API, request provider.Call, name string, found []T, resource func(T) map[string]any) provider.Answer {
	query, path := request.URL.Query(), "/"+name+a.config.Ending+"?"
	size, page := pageOf(query)
	entries := []map[string]any{}
	for _, one := range found[min(page*size, len(found)):min((page+1)*size, len(found))] {
		entries = append(entries, resource(one))
	}
	var next any
	if len(found) > (page+1)*size {
		query.Set("Page", strconv.Itoa(page+1))
		next = a.config.Path(path + query.Encode())
	}
	return provider.JSON(http.StatusOK, map[string]any{
		"uri": a.config.Path(path + request.URL.RawQuery), "next_page_uri": next, "page": page, "page_size": size,
		strings.ToLower(name): entries,
	})
}

func pageOf(query url.Values) (size, page int) {
	size, err := strconv.Atoi(query.Get("PageSize"))
	if err != nil || size < 1 || size > maxSize {
		size = usualPage
	}
	page, _ = strconv.Atoi(query.Get("Page"))
	return size, min(max(0, page), maxPage)
}

func matches(query url.Values, name, value string) bool {
	return query.Get(name) == "" || query.Get(name) == value
}

// dayOf is the day of a date or of a time.
func dayOf(text string) string { return text[:min(len(text), len(time.DateOnly))] }
