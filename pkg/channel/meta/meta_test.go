package meta_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
	"github.com/galaxyco-ai/conversations/pkg/channel/meta"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	channeltest.Run(t, testCase())
}

func TestVectors(t *testing.T) {
	t.Parallel()
	channeltest.Vectors(t, "testdata/vectors", testCase())
}

func connect(t *testing.T, base string, more ...string) channel.Connection {
	t.Helper()
	fields := credential(base, secret)
	for i := 0; i < len(more); i += 2 {
		fields[more[i]] = more[i+1]
	}
	connection, err := meta.New().Connect(fields, nil)
	require.NoError(t, err)
	return connection
}

// sent sends a message and returns its body as the vendor reads it.
func sent(t *testing.T, message channel.Outbound) sentMessage {
	t.Helper()
	at := channeltest.Answering(t, testCase().Accepted)
	_, err := connect(t, at.URL).Send(t.Context(), message)
	require.NoError(t, err)
	var read sentMessage
	require.NoError(t, json.Unmarshal(at.Requests()[0].Content, &read))
	return read
}

func TestConnect(t *testing.T) {
	t.Parallel()
	for field, value := range map[string]string{
		"graph_version": "23.0", "business_account_id": "1/../2", "phone_number_id": "x", "whatsapp_number": "12", "base_url": "http://example.com",
	} {
		fields := credential("", secret)
		fields[field] = value
		_, err := meta.New().Connect(fields, nil)
		require.ErrorIs(t, err, channel.ErrInvalidCredential, field)
		require.ErrorContains(t, err, field)
	}
	connect(t, "")
	connect(t, "", "graph_version", "v30.1", "phone_number_id", "")
}

func TestSend(t *testing.T) {
	t.Parallel()

	t.Run("goes to the number under any base, in the version asked for", func(t *testing.T) {
		t.Parallel()
		for _, prefix := range []string{"", "/", "/meta", "/meta/"} {
			at := channeltest.Answering(t, testCase().Accepted)
			_, err := connect(t, at.URL+prefix, "graph_version", "v30.0").Send(t.Context(), outbound())
			require.NoError(t, err)
			require.Equal(t, strings.TrimSuffix(prefix, "/")+"/v30.0/"+phoneID+"/messages", at.Requests()[0].URL.Path)
			require.Equal(t, "Bearer "+token, at.Requests()[0].Header.Get("Authorization"))
		}
	})

	t.Run("a customer without a number is reached by the id", func(t *testing.T) {
		t.Parallel()
		message := outbound()
		message.To = scoped
		read := sent(t, message)
		require.Equal(t, scoped, read.Recipient)
		require.Empty(t, read.To)
	})

	t.Run("an answer names what it answers", func(t *testing.T) {
		t.Parallel()
		message := outbound()
		require.Nil(t, sent(t, message).Context)
		message.InReplyTo = "wamid.q"
		require.Equal(t, "wamid.q", sent(t, message).Context["message_id"])
	})
}

func TestSend_from_a_number_of_the_account(t *testing.T) {
	t.Parallel()
	const other = "+14055550177"
	var asked atomic.Int64
	at := channeltest.NewStandIn(t, func(w http.ResponseWriter, request channeltest.Request) {
		body := testCase().Accepted.Body
		switch {
		case strings.HasSuffix(request.URL.Path, "/phone_numbers") && request.URL.Query().Get("after") == "":
			asked.Add(1)
			body = `{"data":[{"id":"1","display_phone_number":"+1 405-555-0111"}],"paging":{"cursors":{"after":"A"},"next":"https://elsewhere.example.test/?after=A"}}`
		case strings.HasSuffix(request.URL.Path, "/phone_numbers"):
			body = `{"data":[{"id":"2","display_phone_number":"14055550177"},{"id":"x/y","display_phone_number":"14055550166"}]}`
		}
		_, _ = io.WriteString(w, body)
	})
	connection := connect(t, at.URL)
	message := outbound()
	message.From = other
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			_, err := connection.Send(t.Context(), message)
			assert.NoError(t, err)
		})
	}
	group.Wait()
	require.EqualValues(t, 1, asked.Load(), "the numbers are asked for once")
	last := at.Requests()[len(at.Requests())-1]
	require.Equal(t, "/v23.0/2/messages", last.URL.Path)

	for _, foreign := range []string{"+14055550100", "+14055550166"} {
		message.From = foreign
		_, err := connection.Send(t.Context(), message)
		require.Equal(t, channel.PermanentConfig, channel.ClassOf(err))
	}
	silent := connect(t, channeltest.Answering(t, channeltest.Reply{Status: 502, Body: "<html>"}).URL)
	message.From = other
	_, err := silent.Send(t.Context(), message)
	require.Equal(t, channel.Retryable, channel.ClassOf(err), "no message went out")
}

func TestSend_with_a_file(t *testing.T) {
	t.Parallel()
	file := func(contentType, name string) channel.File {
		return channel.File{Filename: name, ContentType: contentType, URL: "https://files.example.test/x"}
	}
	with := func(body string, files ...channel.File) channel.Outbound {
		message := outbound()
		message.Body, message.Files = body, files
		return message
	}

	t.Run("the vendor fetches it from its address", func(t *testing.T) {
		t.Parallel()
		picture := sent(t, with("Look", file("image/jpeg", "a.jpg")))
		require.Equal(t, "image", picture.Type)
		require.Equal(t, map[string]string{"link": "https://files.example.test/x", "caption": "Look"}, picture.Image)
		paper := sent(t, with("", file("application/pdf", "bill.pdf")))
		require.Equal(t, map[string]string{"link": "https://files.example.test/x", "filename": "bill.pdf"}, paper.Document)
		require.Equal(t, "audio", sent(t, with("", file("audio/ogg; codecs=opus", "a.ogg"))).Type)
		require.Equal(t, "video", sent(t, with("", file("video/mp4", "a.mp4"))).Type)
		require.Equal(t, "sticker", sent(t, with("", file("image/webp", "a.webp"))).Type)
	})

	t.Run("what WhatsApp does not take is refused before it is sent", func(t *testing.T) {
		t.Parallel()
		at := channeltest.Answering(t, testCase().Accepted)
		for _, message := range []channel.Outbound{
			with("", file("image/png", "a"), file("image/png", "b")), with("text", file("audio/mpeg", "a")),
			with(strings.Repeat("ü", 1025), file("image/png", "a")), with("", channel.File{Filename: "a", ContentType: "image/png"}),
		} {
			_, err := connect(t, at.URL).Send(t.Context(), message)
			require.Equal(t, channel.Permanent, channel.ClassOf(err))
			require.NotEmpty(t, channel.FailureOf(err).Remedy)
		}
		require.Empty(t, at.Requests())
	})
}

func TestSend_uploads_a_file_without_an_address(t *testing.T) {
	t.Parallel()
	content := bytes.Repeat([]byte("x"), 3<<20)
	message := outbound()
	message.Files = []channel.File{{
		Filename: `a "b" ü.pdf`, ContentType: "application/pdf", Size: int64(len(content)),
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
	}}
	answer := func(status int, body string) *channeltest.StandIn {
		return channeltest.NewStandIn(t, func(w http.ResponseWriter, request channeltest.Request) {
			if strings.HasSuffix(request.URL.Path, "/media") {
				w.WriteHeader(status)
				_, _ = io.WriteString(w, body)
				return
			}
			_, _ = io.WriteString(w, testCase().Accepted.Body)
		})
	}

	at := answer(200, `{"id":"555"}`)
	_, err := connect(t, at.URL).Send(t.Context(), message)
	require.NoError(t, err)
	upload := at.Requests()[0]
	_, parameters, err := mime.ParseMediaType(upload.Header.Get("Content-Type"))
	require.NoError(t, err)
	form, err := multipart.NewReader(bytes.NewReader(upload.Content), parameters["boundary"]).ReadForm(8 << 20)
	require.NoError(t, err)
	require.Equal(t, []string{"whatsapp"}, form.Value["messaging_product"])
	require.EqualValues(t, len(content), form.File["file"][0].Size)
	require.Equal(t, "application/pdf", form.File["file"][0].Header.Get("Content-Type"))
	require.NoError(t, form.RemoveAll())
	var read sentMessage
	require.NoError(t, json.Unmarshal(at.Requests()[1].Content, &read))
	require.Equal(t, "555", read.Document["id"])

	for _, stage := range []struct {
		status int
		body   string
		class  channel.Class
	}{
		{500, "<html>", channel.Retryable},
		{200, "{}", channel.Retryable},
		{400, `{"error":{"code":131053}}`, channel.Permanent},
		{401, `{"error":{"code":190}}`, channel.Auth},
	} {
		at := answer(stage.status, stage.body)
		_, err := connect(t, at.URL).Send(t.Context(), message)
		require.Equal(t, stage.class, channel.ClassOf(err), stage.body)
		require.Len(t, at.Requests(), 1, "no message is sent without its file")
	}
	message.Files[0].Open = func(context.Context) (io.ReadCloser, error) { return nil, io.ErrUnexpectedEOF }
	_, err = connect(t, at.URL).Send(t.Context(), message)
	require.Equal(t, channel.Retryable, channel.ClassOf(err))
	message.Files[0].Open = func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF)), nil
	}
	_, err = connect(t, at.URL).Send(t.Context(), message)
	require.Equal(t, channel.Retryable, channel.ClassOf(err))
}

// closing notes when a file is closed, and fails the test when it is read then or after that.
type closing struct {
	io.Reader

	t       *testing.T
	closed  atomic.Int32
	reading atomic.Bool
}

func (c *closing) Read(into []byte) (int, error) {
	if c.closed.Load() > 0 {
		c.t.Error("read after it was closed")
	}
	c.reading.Store(true)
	defer c.reading.Store(false)
	return c.Reader.Read(into)
}

func (c *closing) Close() error {
	if c.reading.Load() {
		c.t.Error("closed while it was read")
	}
	c.closed.Add(1)
	return nil
}

func TestSend_closes_the_file_it_uploads_whatever_comes_of_it(t *testing.T) {
	t.Parallel()
	const size = 3 << 20
	for name, stage := range map[string]struct {
		content io.Reader
		answer  func(w http.ResponseWriter)
	}{
		"taken":            {strings.NewReader(strings.Repeat("x", size)), func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"id":"555"}`) }},
		"refused":          {strings.NewReader(strings.Repeat("x", size)), func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadRequest) }},
		"answered nothing": {strings.NewReader(strings.Repeat("x", size)), func(http.ResponseWriter) { panic(http.ErrAbortHandler) }},
		"broken off":       {io.MultiReader(strings.NewReader("x"), iotest.ErrReader(io.ErrUnexpectedEOF)), func(http.ResponseWriter) {}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := &closing{Reader: stage.content, t: t}
			message := outbound()
			message.Files = []channel.File{{
				Filename: "a.pdf", ContentType: "application/pdf", Size: size,
				Open: func(context.Context) (io.ReadCloser, error) { return file, nil },
			}}
			at := channeltest.NewStandIn(t, func(w http.ResponseWriter, request channeltest.Request) {
				if strings.HasSuffix(request.URL.Path, "/media") {
					stage.answer(w)
					return
				}
				_, _ = io.WriteString(w, testCase().Accepted.Body)
			})
			_, err := connect(t, at.URL).Send(t.Context(), message)
			require.Equal(t, name == "taken", err == nil, err)
			require.EqualValues(t, 1, file.closed.Load())
		})
	}
}

// stalling gives a little, and then nothing until it is told to go on.
type stalling struct {
	reads            int
	stalled, proceed chan struct{}
}

func (s *stalling) Read(into []byte) (int, error) {
	if s.reads++; s.reads == 2 {
		close(s.stalled)
		<-s.proceed
	}
	return min(len(into), 1<<10), nil
}

func TestSend_does_not_close_the_file_while_it_is_read(t *testing.T) {
	t.Parallel()
	content := &stalling{stalled: make(chan struct{}), proceed: make(chan struct{})}
	file := &closing{Reader: content, t: t}
	message := outbound()
	message.Files = []channel.File{{
		Filename: "a.pdf", ContentType: "application/pdf", Size: 3 << 20,
		Open: func(context.Context) (io.ReadCloser, error) { return file, nil },
	}}
	at := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		<-content.stalled // the vendor answers before it has taken it all
		time.AfterFunc(100*time.Millisecond, func() { close(content.proceed) })
		w.Header().Set("Connection", "close")
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(at.Close)
	_, err := connect(t, at.URL).Send(t.Context(), message)
	require.Equal(t, channel.Auth, channel.ClassOf(err), err)
	require.EqualValues(t, 1, file.closed.Load())
}
