package media

import (
	"mime"
	"path"
	"strings"
	"unicode"
)

const maxFilename = 120

// Filename makes a name that is safe to show and to save under: no folders, no control or invisible characters, no
// leading dot, of bounded length. A file without a name gets one that fits its type.
func Filename(given, contentType string) string {
	kept := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`<>:"|?*`, r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(given, ""))
	kept = path.Base(strings.ReplaceAll(kept, `\`, "/"))
	kept = strings.TrimRight(strings.TrimLeft(strings.TrimSpace(kept), ". "), ". ")
	if kept == "" || kept == "/" {
		return "attachment" + extension(contentType)
	}
	return shorten(kept)
}

func shorten(name string) string {
	runes := []rune(name)
	if len(runes) <= maxFilename {
		return name
	}
	ending := []rune(path.Ext(name))
	if len(ending) > maxFilename/4 {
		ending = nil
	}
	return string(runes[:maxFilename-len(ending)]) + string(ending)
}

func extension(contentType string) string {
	preferred := map[string]string{
		"image/jpeg": ".jpg", "text/plain": ".txt", "video/mp4": ".mp4", "audio/mpeg": ".mp3", "text/html": ".html",
	}
	if ending, ok := preferred[contentType]; ok {
		return ending
	}
	endings, err := mime.ExtensionsByType(contentType)
	if err != nil || len(endings) == 0 {
		return ""
	}
	return endings[0]
}
