package bus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/galaxyco-ai/conversations/pkg/event"
)

const (
	// MaxPayload is the max_payload a server must allow: what nats-server advises as the most, and enough for a
	// webhook of 3.5 MiB kept beside what was read out of it.
	MaxPayload = 8 << 20
	// LargestEvent is the largest payload Publish accepts. What is left to MaxPayload is room for headers, and for the
	// dead letter that may have to carry the event whole.
	LargestEvent = MaxPayload - 64<<10

	minServerMajor, minServerMinor = 2, 12
	duplicateWindow                = 2 * time.Minute
)

// Ensure creates what is missing of the streams and buckets, widens what has grown, and returns ErrUnfit, saying what
// to change, when something exists in a form that would lose or refuse what it must keep. Several services may call it
// at once.
func (b *Bus) Ensure(ctx context.Context, streams []event.StreamSpec, buckets []event.BucketSpec) error {
	for _, spec := range streams {
		if err := b.ensureStream(ctx, spec); err != nil {
			return fmt.Errorf("ensuring stream %s: %w", spec.Name, err)
		}
	}
	for _, spec := range buckets {
		if err := b.ensureBucket(ctx, spec); err != nil {
			return fmt.Errorf("ensuring bucket %s: %w", spec.Name, err)
		}
	}
	return nil
}

// checkServer refuses a server on which something would fail later.
func (b *Bus) checkServer(ctx context.Context) error {
	if version := b.conn.ConnectedServerVersion(); !newEnough(version) {
		return fmt.Errorf("%w: the NATS server is version %s; %d.%d or newer is needed",
			ErrUnfit, version, minServerMajor, minServerMinor)
	}
	if limit := b.conn.MaxPayload(); limit < MaxPayload {
		return fmt.Errorf("%w: the NATS server has max_payload %d; set it to %d or more in its configuration",
			ErrUnfit, limit, int64(MaxPayload))
	}
	_, err := b.js.AccountInfo(ctx)
	switch {
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount):
		return fmt.Errorf("%w: the NATS server runs without JetStream; enable it in its configuration", ErrUnfit)
	case err != nil:
		return fmt.Errorf("%w: asking the NATS server for its limits: %w", ErrUnavailable, err)
	}
	return nil
}

func newEnough(version string) bool {
	major, rest, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	minor, _, _ := strings.Cut(rest, ".")
	majorNumber, majorErr := strconv.Atoi(major)
	minorNumber, minorErr := strconv.Atoi(minor)
	if majorErr != nil || minorErr != nil {
		return false
	}
	return majorNumber > minServerMajor || majorNumber == minServerMajor && minorNumber >= minServerMinor
}

func (b *Bus) ensureStream(ctx context.Context, spec event.StreamSpec) error {
	wanted := jetstream.StreamConfig{
		Name: spec.Name, Description: spec.Carries, Subjects: spec.Subjects,
		Retention: jetstream.LimitsPolicy, Storage: jetstream.FileStorage, Discard: jetstream.DiscardNew,
		MaxBytes: b.sizeOf(spec.Name, spec.MaxBytes), MaxMsgs: -1, MaxMsgsPerSubject: -1, MaxMsgSize: -1, MaxConsumers: -1,
		Replicas: b.cfg.Replicas, Duplicates: duplicateWindow, AllowDirect: true,
	}
	stream, err := b.js.Stream(ctx, spec.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return b.createStream(ctx, wanted)
	}
	if err != nil {
		return serverError("reading its settings", err)
	}
	return b.alignStream(ctx, stream.CachedInfo().Config, wanted)
}

func (b *Bus) createStream(ctx context.Context, wanted jetstream.StreamConfig) error {
	_, err := b.js.CreateStream(ctx, wanted)
	if !errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		return serverError("creating it", err)
	}
	// Another service was faster, with settings of its own.
	stream, err := b.js.Stream(ctx, wanted.Name)
	if err != nil {
		return serverError("reading its settings", err)
	}
	return b.alignStream(ctx, stream.CachedInfo().Config, wanted)
}

func (b *Bus) alignStream(ctx context.Context, existing, wanted jetstream.StreamConfig) error {
	if err := streamMisfit(existing, wanted); err != nil {
		return err
	}
	aligned := existing
	aligned.Description = wanted.Description
	aligned.Subjects = wanted.Subjects
	aligned.MaxBytes = max(existing.MaxBytes, wanted.MaxBytes)
	aligned.Replicas = max(existing.Replicas, wanted.Replicas)
	aligned.Duplicates = max(existing.Duplicates, wanted.Duplicates)
	aligned.AllowDirect = true
	if sameStream(existing, aligned) {
		return nil
	}
	_, err := b.js.UpdateStream(ctx, aligned)
	return serverError("updating its settings", err)
}

func sameStream(a, b jetstream.StreamConfig) bool {
	return a.Description == b.Description && slices.Equal(a.Subjects, b.Subjects) && a.MaxBytes == b.MaxBytes &&
		a.Replicas == b.Replicas && a.Duplicates == b.Duplicates && a.AllowDirect == b.AllowDirect
}

// streamMisfit names the first setting that cannot be changed in place or must not be changed without a person.
func streamMisfit(existing, wanted jetstream.StreamConfig) error {
	foreign := slices.DeleteFunc(slices.Clone(existing.Subjects), func(subject string) bool {
		return slices.Contains(wanted.Subjects, subject)
	})
	switch {
	case len(foreign) > 0:
		return unfit("listens on %v beside %v; move those subjects to a stream of their own", foreign, wanted.Subjects)
	case existing.Storage != wanted.Storage:
		return unfit("keeps its messages in %s; it must keep them in files", existing.Storage)
	case existing.Retention != wanted.Retention:
		return unfit("has retention %s; it must be limits", existing.Retention)
	case existing.Discard != wanted.Discard:
		return unfit("drops old messages when full (discard %s); it must refuse new ones", existing.Discard)
	case existing.MaxAge != wanted.MaxAge:
		return unfit("drops messages after %s; they must stay until they are processed (max_age 0)", existing.MaxAge)
	case existing.MaxBytes <= 0:
		return unfit("has no limit of size; set max_bytes, to %d or more", wanted.MaxBytes)
	case existing.MaxMsgs > 0 || existing.MaxMsgsPerSubject > 0:
		return unfit("limits the number of messages; only its size may be limited")
	case existing.MaxMsgSize > 0 && existing.MaxMsgSize < MaxPayload:
		return unfit("refuses messages over %d bytes; %d must be allowed", existing.MaxMsgSize, MaxPayload)
	case existing.Sealed || existing.NoAck || existing.Mirror != nil:
		return unfit("is sealed, a mirror or does not acknowledge")
	}
	return nil
}

func (b *Bus) ensureBucket(ctx context.Context, spec event.BucketSpec) error {
	wanted := jetstream.KeyValueConfig{
		Bucket: spec.Name, Description: spec.Holds, History: 1, TTL: spec.TTL,
		MaxBytes: b.sizeOf(spec.Name, spec.MaxBytes), Storage: jetstream.FileStorage, Replicas: b.cfg.Replicas,
	}
	existing, err := b.js.Stream(ctx, "KV_"+spec.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		_, err = b.js.CreateKeyValue(ctx, wanted)
		if !errors.Is(err, jetstream.ErrBucketExists) {
			return serverError("creating it", err)
		}
		existing, err = b.js.Stream(ctx, "KV_"+spec.Name)
	}
	if err != nil {
		return serverError("reading its settings", err)
	}
	return b.alignBucket(ctx, existing.CachedInfo().Config, wanted)
}

func (b *Bus) alignBucket(ctx context.Context, existing jetstream.StreamConfig, wanted jetstream.KeyValueConfig) error {
	switch {
	case existing.Storage != wanted.Storage:
		return unfit("keeps its keys in %s; it must keep them in files", existing.Storage)
	case existing.Discard != jetstream.DiscardNew:
		return unfit("drops old keys when full (discard %s); it must refuse new ones", existing.Discard)
	case existing.MaxAge != wanted.TTL:
		return unfit("forgets keys after %s; it must be %s (0 is never)", existing.MaxAge, wanted.TTL)
	case existing.MaxBytes <= 0:
		return unfit("has no limit of size; set max_bytes, to %d or more", wanted.MaxBytes)
	case existing.MaxBytes >= wanted.MaxBytes && existing.Replicas >= wanted.Replicas && existing.AllowDirect:
		return nil
	}
	wanted.MaxBytes = max(existing.MaxBytes, wanted.MaxBytes)
	wanted.Replicas = max(existing.Replicas, wanted.Replicas)
	_, err := b.js.UpdateKeyValue(ctx, wanted)
	return serverError("updating its settings", err)
}

func (b *Bus) sizeOf(name string, declared int64) int64 {
	if size, ok := b.cfg.MaxBytes[name]; ok {
		return size
	}
	return declared
}

func unfit(format string, arguments ...any) error {
	return fmt.Errorf("%w: it "+format, append([]any{ErrUnfit}, arguments...)...)
}

// serverError puts an answer of the server into our words: a refusal is for a person, silence passes.
func serverError(doing string, err error) error {
	if err == nil {
		return nil
	}
	if api, ok := errors.AsType[*jetstream.APIError](err); ok && api.Code < 500 {
		return fmt.Errorf("%w: %s: %w", ErrUnfit, doing, err)
	}
	return fmt.Errorf("%w: %s: %w", ErrUnavailable, doing, err)
}
