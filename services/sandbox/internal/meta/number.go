package meta

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/sms"
)

const (
	// idPrefix begins the id of a number, followed by its digits.
	idPrefix = "100"
	// firstNumber begins the numbers that workspaces get, of which so many are listed.
	firstNumber, listedNumbers = 2_000_001, 5_000
	maxPage                    = 1_000
)

func idOf(number string) string { return idPrefix + strings.TrimPrefix(number, "+") }

// numberOf is the number of ours that an id stands for.
func numberOf(id string) (string, bool) {
	digits, ok := strings.CutPrefix(id, idPrefix)
	return "+" + digits, ok && sms.Owned("+"+digits)
}

func numberResource(number string) map[string]string {
	return map[string]string{
		"id": idOf(number), "display_phone_number": "+1 " + number[2:5] + "-" + number[5:8] + "-" + number[8:],
		"verified_name": "Sandbox", "code_verification_status": "VERIFIED", "quality_rating": "GREEN",
	}
}

// numbers lists the account's own number and those that workspaces get, page by page.
func (a *API) numbers(request provider.Call) provider.Answer {
	query := request.URL.Query()
	size, err := strconv.Atoi(query.Get("limit"))
	if err != nil || size < 1 {
		size = 25
	}
	size = min(size, maxPage)
	start, _ := strconv.Atoi(query.Get("after"))
	start = min(max(0, start), listedNumbers)
	end := min(start+size, listedNumbers)
	found := make([]map[string]string, 0, end-start+1)
	if start == 0 {
		found = append(found, numberResource(a.config.Number))
	}
	for i := start; i < end; i++ {
		found = append(found, numberResource(fmt.Sprintf("+1500%07d", firstNumber+i)))
	}
	paging := map[string]any{"cursors": map[string]string{"before": strconv.Itoa(start), "after": strconv.Itoa(end)}}
	if end < listedNumbers {
		query.Set("after", strconv.Itoa(end))
		paging["next"] = a.publicURL() + "/meta" + request.URL.Path + "?" + query.Encode()
	}
	return provider.JSON(http.StatusOK, map[string]any{"data": found, "paging": paging})
}
