// Package idempotency gives a repeated request its first answer again.
//
// The record is written before the work starts and holds the id the work will use, so that a crash between the two is
// repaired by doing the work again under the same id.
package idempotency

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

var (
	// ErrReused is returned when the key was used with another request.
	ErrReused = errors.New("idempotency key used with another request")
	// ErrInProgress is returned when the first request is still under way after the wait.
	ErrInProgress = errors.New("first request still under way")
)

const (
	defaultLease = 15 * time.Second
	defaultWait  = 5 * time.Second
	firstPoll    = 10 * time.Millisecond
	slowestPoll  = 250 * time.Millisecond
	closingTime  = 2 * time.Second
)

// Bucket keeps the records.
type Bucket interface {
	Get(ctx context.Context, key string) (bus.Entry, error)
	Create(ctx context.Context, key string, value []byte) (uint64, error)
	Update(ctx context.Context, key string, value []byte, revision uint64) (uint64, error)
	Delete(ctx context.Context, key string) error
}

// Config says how long to wait. The zero value is right for production.
type Config struct {
	// Lease is how long a request may take before a repetition takes its place; 0 is 15 s.
	Lease time.Duration
	// Wait is how long a repetition waits for the first request; 0 is 5 s.
	Wait time.Duration
}

// Store remembers answers. It is safe for concurrent use, by several processes too.
type Store struct {
	bucket Bucket
	cfg    Config
}

// New makes a Store on a bucket.
func New(bucket Bucket, cfg Config) *Store {
	if cfg.Lease == 0 {
		cfg.Lease = defaultLease
	}
	if cfg.Wait == 0 {
		cfg.Wait = defaultWait
	}
	return &Store{bucket: bucket, cfg: cfg}
}

// Request is what a client may repeat.
type Request struct {
	Workspace workspace.ID
	// Key is what the client sent.
	Key string
	// Hash tells two requests apart.
	Hash []byte
}

// Work does what the request asks for. resourceID is the same each time the work of one request is done. The work may
// be done twice when a process dies, so it must be harmless the second time.
type Work func(ctx context.Context, resourceID string) ([]byte, error)

// Do works once and remembers the answer, or gives the remembered one. An error is not remembered: a refusal, which
// refused tells, sets the key free; after any other error the next try works under the same resource id.
func (s *Store) Do(ctx context.Context, request Request, work Work, refused func(error) bool) (answer []byte, replayed bool, err error) {
	giveUp := time.Now().Add(s.cfg.Wait)
	pause := firstPoll
	for {
		found, err := s.claim(ctx, request)
		switch {
		case err != nil:
			return nil, false, err
		case found.mine:
			answer, err := s.work(ctx, found, work, refused)
			return answer, false, err
		case found.record.GetFinished():
			return found.record.GetResponse(), true, nil
		case time.Now().After(giveUp):
			return nil, false, ErrInProgress
		}
		select {
		case <-time.After(pause):
			pause = min(2*pause, slowestPoll)
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
	}
}

// claim is one look at the record of a request.
type claim struct {
	key      string
	record   *bucketv1.IdempotencyRecord
	revision uint64
	// mine tells that the work is ours to do.
	mine bool
}

func (s *Store) claim(ctx context.Context, request Request) (claim, error) {
	looked := claim{
		key: event.IdempotencyKey(request.Workspace, request.Key),
		record: &bucketv1.IdempotencyRecord{
			RequestHash: request.Hash, ResourceId: uuid.Must(uuid.NewV7()).String(), CreatedAt: timestamppb.Now(),
		},
		mine: true,
	}
	value, err := proto.Marshal(looked.record)
	if err != nil {
		return claim{}, fmt.Errorf("encoding an idempotency record: %w", err)
	}
	looked.revision, err = s.bucket.Create(ctx, looked.key, value)
	switch {
	case err == nil:
		return looked, nil
	case errors.Is(err, bus.ErrKeyExists):
		return s.look(ctx, looked.key, request.Hash)
	default:
		return claim{}, fmt.Errorf("claiming an idempotency key: %w", err)
	}
}

func (s *Store) look(ctx context.Context, key string, hash []byte) (claim, error) {
	entry, err := s.bucket.Get(ctx, key)
	if errors.Is(err, bus.ErrKeyNotFound) {
		return claim{record: &bucketv1.IdempotencyRecord{}}, nil // set free just now: the next look claims it
	}
	if err != nil {
		return claim{}, fmt.Errorf("reading an idempotency key: %w", err)
	}
	found := claim{key: key, record: &bucketv1.IdempotencyRecord{}, revision: entry.Revision}
	if err := proto.Unmarshal(entry.Value, found.record); err != nil {
		return claim{}, fmt.Errorf("decoding an idempotency record: %w", err)
	}
	switch {
	case !bytes.Equal(found.record.GetRequestHash(), hash):
		return claim{}, ErrReused
	case found.record.GetFinished(), time.Since(found.record.GetCreatedAt().AsTime()) < s.cfg.Lease:
		return found, nil
	default:
		return s.takeOver(ctx, found)
	}
}

// takeOver claims the work of a request that failed or died.
func (s *Store) takeOver(ctx context.Context, found claim) (claim, error) {
	found.record.CreatedAt = timestamppb.Now()
	revision, err := s.write(ctx, found)
	if errors.Is(err, bus.ErrRevisionMismatch) {
		return found, nil
	}
	if err != nil {
		return claim{}, err
	}
	found.revision, found.mine = revision, true
	return found, nil
}

func (s *Store) work(ctx context.Context, mine claim, work Work, refused func(error) bool) ([]byte, error) {
	answer, err := work(ctx, mine.record.GetResourceId())
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closingTime)
	defer cancel()
	switch {
	case err == nil:
		// Unwritten, the answer is found again by working again under the same id.
		mine.record.Finished, mine.record.Response = true, answer
		_, _ = s.write(closing, mine)
	case refused(err):
		_ = s.bucket.Delete(closing, mine.key) // undeleted, it is taken over after the lease
	default:
		mine.record.CreatedAt = nil
		_, _ = s.write(closing, mine)
	}
	return answer, err
}

func (s *Store) write(ctx context.Context, c claim) (uint64, error) {
	value, err := proto.Marshal(c.record)
	if err != nil {
		return 0, fmt.Errorf("encoding an idempotency record: %w", err)
	}
	revision, err := s.bucket.Update(ctx, c.key, value, c.revision)
	if err != nil {
		return 0, fmt.Errorf("writing an idempotency key: %w", err)
	}
	return revision, nil
}
