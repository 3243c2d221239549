using System.Globalization;
using Noos.Corpus.Archive;

namespace Noos.Cli.Corpora;

/// <summary>Writes a page as it was fetched: what it was to standard error, its body to standard output.</summary>
static class CaptureWriter
{
    public static void Write(WarcRecord record)
    {
        var http = record.Http;
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{record.TargetUri}, fetched {record.Date?.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, "
            + $"{http?.Headers["Content-Type"] ?? "no type"}"));
        using var output = Console.OpenStandardOutput();
        output.Write(http?.DecodeBody() ?? record.Content.Span);
    }
}
