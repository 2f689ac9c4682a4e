package api

import (
	"context"
	"encoding/csv"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
)

// filePage is how many messages of the ledger are asked for at once, fileTime how long a file may take.
const (
	filePage = 100
	fileTime = 5 * time.Minute
)

type usageFileInput struct {
	Period string `query:"period" required:"true" pattern:"^[0-9]{4}-[0-9]{2}$"`
}

func (a *API) registerUsageFile() {
	operation := with(protected("get-usage-file", http.MethodGet, "/api/usage/entries.csv", tagBilling, "The ledger as a file"),
		http.StatusOK, "Owners and admins only. CSV (RFC 4180), a line for each billable effect, oldest first.")
	operation.Responses["200"] = &huma.Response{
		Description: "A line for each billable effect, after one with the names of the columns.",
		Content:     map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}
	register(a, operation, a.getUsageFile)
}

// getUsageFile asks for the first page before it answers, so that what is refused is a problem and not half a file.
func (a *API) getUsageFile(ctx context.Context, input *usageFileInput) (*huma.StreamResponse, error) {
	first, err := a.askForEntries(ctx, input.Period, "", filePage)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(out huma.Context) { //nolint:contextcheck // the answer has the context
		out.SetHeader("Content-Type", "text/csv; charset=utf-8; header=present")
		out.SetHeader("Content-Disposition", `attachment; filename="usage-`+input.Period+`.csv"`)
		out.SetHeader("Cache-Control", "no-store")
		ctx, cancel := context.WithTimeout(out.Context(), fileTime)
		defer cancel()
		if err := a.writeEntries(ctx, csv.NewWriter(out.BodyWriter()), input.Period, first); err != nil {
			a.deps.Logger.WarnContext(ctx, "a file of usage was cut short", slog.Any("err", err))
			panic(http.ErrAbortHandler) // who reads it must not take a part for the whole
		}
	}}, nil
}

func (a *API) writeEntries(ctx context.Context, file *csv.Writer, period string, page *storev1.ListUsageResponse) error {
	err := file.Write([]string{
		"occurred_at", "message_id", "attempt", "meter", "units", "settled", "mode", "provider", "unit_price_micros", "currency",
	})
	if err != nil {
		return err //nolint:wrapcheck // the caller says what was written
	}
	for {
		for _, e := range page.GetEntries() {
			err := file.Write([]string{
				e.GetOccurredAt().AsTime().Format(time.RFC3339Nano), e.GetMessageId(), strconv.Itoa(int(e.GetAttempt())), e.GetMeter(),
				strconv.FormatInt(e.GetUnits(), 10), strconv.FormatBool(e.GetSettled()), e.GetMode(), e.GetProvider(),
				strconv.FormatInt(e.GetUnitPriceMicros(), 10), e.GetCurrency(),
			})
			if err != nil {
				return err //nolint:wrapcheck // the caller says what was written
			}
		}
		if page.GetNextCursor() == "" {
			file.Flush()
			return file.Error() //nolint:wrapcheck // the caller says what was written
		}
		if page, err = a.askForEntries(ctx, period, page.GetNextCursor(), filePage); err != nil {
			return err
		}
	}
}
