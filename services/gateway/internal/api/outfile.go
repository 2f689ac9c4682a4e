package api

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strconv"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/file"
)

// attach finds or stores the files of a message, when the channel takes them all; else it stores none.
func (a *API) attach(
	ctx context.Context, ws workspace.ID, limits channelLimits, wanted []NewAttachment, messageID string,
) ([]*eventv1.Attachment, error) {
	files := make([]file.Upload, len(wanted))
	checked := make([]channel.File, len(wanted))
	for i, each := range wanted {
		var err error
		if files[i], err = a.describeFile(ctx, ws, each, messageID, i); err != nil {
			return nil, err
		}
		checked[i] = channel.File{Filename: files[i].Filename, ContentType: files[i].ContentType, Size: files[i].Size}
	}
	if problem := limits.checkFiles(checked); problem != nil {
		return nil, problem.at("body.attachments", problem.Detail)
	}
	attachments := make([]*eventv1.Attachment, len(wanted))
	for i, each := range wanted {
		if each.ID == "" {
			if _, err := a.deps.Files.Save(ctx, ws, files[i], bytes.NewReader(each.Content), maxInline); err != nil {
				return nil, err
			}
		}
		attachments[i] = &eventv1.Attachment{
			Id: fileID(messageID, i), Filename: files[i].Filename, ContentType: files[i].ContentType, Size: files[i].Size,
			BlobKey: file.Key(ws, files[i].ID), ContentId: each.ContentID,
		}
	}
	return attachments, nil
}

// describeFile tells what a file is: an uploaded one as it was stored, another one by its content.
func (a *API) describeFile(ctx context.Context, ws workspace.ID, wanted NewAttachment, messageID string, at int) (file.Upload, error) {
	if wanted.ID == "" {
		name := file.CleanName(wanted.Filename)
		return file.Upload{
			ID: fileID(messageID, at), Filename: name, Size: int64(len(wanted.Content)),
			ContentType: file.TypeOf(wanted.Content[:min(len(wanted.Content), file.SniffBytes)], name, wanted.ContentType),
		}, nil
	}
	found, err := a.deps.Files.Describe(ctx, ws, wanted.ID)
	if errors.Is(err, file.ErrNotFound) {
		return file.Upload{}, unknownFile(at)
	}
	return found, err
}

// fileID is the id of a file of a message. It is derived, so that a repeated request stores the same file again; a file
// that is sent twice is a file of each message.
func fileID(messageID string, at int) string {
	space, err := uuid.Parse(messageID)
	if err != nil {
		space = uuid.Nil
	}
	return uuid.NewSHA1(space, []byte("file "+strconv.Itoa(at))).String()
}

// discard takes back files that nothing refers to. What cannot be taken back stays, which harms nobody.
func (a *API) discard(ctx context.Context, ws workspace.ID, ids []string) {
	for _, id := range ids {
		if err := a.deps.Files.Remove(context.WithoutCancel(ctx), ws, id); err != nil {
			a.deps.Logger.WarnContext(ctx, "uploaded file not removed", slog.String("workspace", ws.String()), slog.String("file", id), slog.Any("err", err))
		}
	}
}
