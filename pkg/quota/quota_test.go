package quota_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/plan"
	"github.com/galaxyco-ai/conversations/pkg/quota"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

// bucketOf opens the bucket on a connection of its own, as another process would.
func bucketOf(t *testing.T, b *bus.Bus) *bus.Bucket {
	t.Helper()
	require.NoError(t, b.Ensure(t.Context(), nil, event.Buckets()))
	bucket, err := b.Bucket(t.Context(), event.BucketQuotas)
	require.NoError(t, err)
	return bucket
}

func request(t *testing.T, ws workspace.ID, included int64) quota.Request {
	t.Helper()
	terms, err := plan.Read(&bucketv1.Terms{
		Currency: "USD", TimeZone: "UTC", Allowances: []*bucketv1.Allowance{{Meter: "sms", Included: included}},
	})
	require.NoError(t, err)
	return quota.Request{
		Workspace: ws, Terms: terms, Meter: plan.SMS, Units: 1,
		Period: plan.PeriodAt(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), time.UTC),
	}
}

func isExceeded(err error) bool {
	_, ok := errors.AsType[*plan.ExceededError](err)
	return ok
}

func TestReserve_AThousandAtOnceOnTwoProcessesTakeExactlyTheLimit(t *testing.T) {
	t.Parallel()
	server := bustest.Server(t)
	counters := []*quota.Counter{
		quota.New(bucketOf(t, bustest.Connect(t, server))), quota.New(bucketOf(t, bustest.Connect(t, server))),
	}
	mine, neighbour := request(t, workspace.NewID(), 50), request(t, workspace.NewID(), 1000)
	var accepted, refused, others atomic.Int64
	marks := sync.Map{}
	var all sync.WaitGroup
	for i := range 1000 {
		all.Go(func() {
			mark, err := counters[i%2].Reserve(t.Context(), mine)
			switch {
			case err == nil:
				accepted.Add(1)
				marks.Store(mark, true)
			case isExceeded(err):
				refused.Add(1)
			}
		})
		if i%10 == 0 {
			all.Go(func() {
				if _, err := counters[i/10%2].Reserve(t.Context(), neighbour); err == nil {
					others.Add(1)
				}
			})
		}
	}
	all.Wait()
	require.EqualValues(t, 50, accepted.Load())
	require.EqualValues(t, 950, refused.Load())
	require.EqualValues(t, 100, others.Load(), "a neighbour's limit is its own")
	for mark := range int64(50) {
		_, ok := marks.Load(mark + 1)
		require.True(t, ok, "each reservation has its own mark")
	}
}

func TestSettle_GivesBackAndIsHarmlessTwice(t *testing.T) {
	t.Parallel()
	bucket := bucketOf(t, bustest.New(t))
	counter := quota.New(bucket)
	r := request(t, workspace.NewID(), 3)
	for range 3 {
		_, err := counter.Reserve(t.Context(), r)
		require.NoError(t, err)
	}
	_, err := counter.Reserve(t.Context(), r)
	require.True(t, isExceeded(err), "%v", err)

	for range 2 {
		require.NoError(t, quota.Settle(t.Context(), bucket, r.Workspace, "2026-11", map[plan.Meter]quota.Return{plan.SMS: {Settled: 1}}))
	}
	used, err := quota.Read(t.Context(), bucket, r.Workspace, "2026-11")
	require.NoError(t, err)
	require.Equal(t, plan.Used{plan.SMS: 2}, quota.Used(used))
	mark, err := counter.Reserve(t.Context(), r)
	require.NoError(t, err)
	require.EqualValues(t, 4, mark, "a mark is never given twice")

	leaked := int64(2)
	require.NoError(t, quota.Settle(t.Context(), bucket, r.Workspace, "2026-11", map[plan.Meter]quota.Return{plan.SMS: {Settled: 1, Leaked: &leaked}}))
	require.NoError(t, quota.Settle(t.Context(), bucket, r.Workspace, "2026-11", map[plan.Meter]quota.Return{plan.SMS: {Settled: 1}}))
	used, err = quota.Read(t.Context(), bucket, r.Workspace, "2026-11")
	require.NoError(t, err)
	require.Equal(t, plan.Used{plan.SMS: 1}, quota.Used(used), "what leaked stays known")
}

func TestReserve_BelongsToItsPeriod(t *testing.T) {
	t.Parallel()
	counter := quota.New(bucketOf(t, bustest.New(t)))
	r := request(t, workspace.NewID(), 1)
	_, err := counter.Reserve(t.Context(), r)
	require.NoError(t, err)
	_, err = counter.Reserve(t.Context(), r)
	require.True(t, isExceeded(err))
	r.Period = plan.PeriodAt(r.Period.End(), time.UTC)
	_, err = counter.Reserve(t.Context(), r)
	require.NoError(t, err)
}

func TestReserve_SeveralUnitsAllOrNone(t *testing.T) {
	t.Parallel()
	counter := quota.New(bucketOf(t, bustest.New(t)))
	r := request(t, workspace.NewID(), 5)
	for units, fits := range map[int64]bool{6: false} {
		r.Units = units
		_, err := counter.Reserve(t.Context(), r)
		require.Equal(t, fits, err == nil)
	}
	r.Units = 5
	mark, err := counter.Reserve(t.Context(), r)
	require.NoError(t, err)
	require.EqualValues(t, 5, mark)
}

// failing is a bucket that is away.
type failing struct{ quota.Bucket }

var errAway = errors.New("away")

func (failing) Get(context.Context, string) (bus.Entry, error) { return bus.Entry{}, errAway }

func TestReserve_WithoutTheBucketNobodyIsLetThrough(t *testing.T) {
	t.Parallel()
	_, err := quota.New(failing{}).Reserve(t.Context(), request(t, workspace.NewID(), 5))
	require.ErrorIs(t, err, errAway)
}

func BenchmarkReserve(b *testing.B) {
	connected := bustest.New(b)
	require.NoError(b, connected.Ensure(b.Context(), nil, event.Buckets()))
	bucket, err := connected.Bucket(b.Context(), event.BucketQuotas)
	require.NoError(b, err)
	counter := quota.New(bucket)
	terms, err := plan.Read(&bucketv1.Terms{Currency: "USD", TimeZone: "UTC", Allowances: []*bucketv1.Allowance{{Meter: "sms", Included: 1 << 50}}})
	require.NoError(b, err)
	r := quota.Request{Workspace: workspace.NewID(), Terms: terms, Meter: plan.SMS, Units: 1, Period: plan.PeriodAt(time.Now(), time.UTC)}
	b.SetParallelism(64)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := counter.Reserve(b.Context(), r); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
