package service_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/service"
)

func TestOps_ServesProfilesOnlyWhereTheyAreWanted(t *testing.T) {
	t.Parallel()
	for wanted, answer := range map[bool]int{true: http.StatusOK, false: http.StatusNotFound} {
		base := service.Base{Profiling: wanted}
		base.Defaults("example")
		server := httptest.NewServer(base.Ops(service.NewHealth()))
		t.Cleanup(server.Close)
		for _, path := range []string{"", "allocs", "heap", "goroutine"} {
			status, _ := get(t, server.URL+service.ProfilePath+path)
			require.Equal(t, answer, status, "%s with profiling %t", path, wanted)
		}
		status, _ := get(t, server.URL+"/livez")
		require.Equal(t, http.StatusOK, status)
	}
}
