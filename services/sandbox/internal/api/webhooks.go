package api

import (
	"net/http"
	"net/url"
)

// webhook is where the news of an account is posted.
type webhook struct {
	Provider string `json:"provider"`
	URL      string `json:"url"`
}

// showWebhooks answers where the news of every account is posted, by provider.
func (a *API) showWebhooks(w http.ResponseWriter, _ *http.Request) {
	urls := map[string]string{}
	for name, endpoint := range a.endpoints {
		urls[name] = endpoint.URL()
	}
	answer(w, http.StatusOK, urls)
}

// putWebhook enters an address, as the owner of an account does on the provider's page.
func (a *API) putWebhook(w http.ResponseWriter, r *http.Request) {
	var wanted webhook
	if !decode(w, r, &wanted) {
		return
	}
	endpoint, known := a.endpoints[wanted.Provider]
	if !known {
		invalid(w, "provider", "is no provider of the sandbox")
		return
	}
	parsed, err := url.Parse(wanted.URL)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		invalid(w, "url", "is no http or https URL")
		return
	}
	endpoint.Set(wanted.URL)
	a.showWebhooks(w, r)
}
