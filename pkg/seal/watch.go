package seal

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"time"
)

// ReloadEvery is how often a file of keys is read again.
const ReloadEvery = 2 * time.Second

// Watch hands on the keys of the file whenever it holds others, until ctx ends. Keys that cannot be used, or that use
// refuses, are logged and tried again: what was in use stays in use. Keys of the environment do not change.
func (s Source) Watch(ctx context.Context, logger *slog.Logger, use func(*Opener) error) {
	watch(ctx, s.File, logger, func(text []byte) error {
		opener, err := s.opener(text)
		if err != nil {
			return err
		}
		return use(opener)
	})
}

// Watch hands on the keys of the file whenever it holds others, until ctx ends.
func (s PublicSource) Watch(ctx context.Context, logger *slog.Logger, use func(*Sealer)) {
	watch(ctx, s.File, logger, func(text []byte) error {
		sealer, err := NewSealer(text)
		if err == nil {
			use(sealer)
		}
		return err
	})
}

func watch(ctx context.Context, file string, logger *slog.Logger, take func(text []byte) error) {
	if file == "" {
		return
	}
	var taken []byte
	var told string // the trouble that is logged already
	ticker := time.NewTicker(ReloadEvery)
	defer ticker.Stop()
	for {
		text, err := os.ReadFile(file) //nolint:gosec // the operator names it
		isNews := err == nil && !bytes.Equal(text, taken)
		if isNews {
			err = take(text)
		}
		switch {
		case err != nil && err.Error() != told:
			told = err.Error()
			logger.ErrorContext(ctx, "the sealing keys stay as they were", slog.String("file", file), slog.Any("err", err))
		case err == nil && isNews:
			if taken != nil {
				logger.InfoContext(ctx, "the sealing keys are others now", slog.String("file", file))
			}
			taken, told = text, ""
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
