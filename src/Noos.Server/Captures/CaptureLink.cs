using Noos.Core.Conversations;

namespace Noos.Server.Captures;

/// <summary>Where this server shows what an answer cites.</summary>
public static class CaptureLink
{
    internal const string Path = "/api/captures";

    /// <summary>The page of a citation as it was fetched, relative to the server; null where nothing of it is kept.</summary>
    public static string? For(Citation citation)
    {
        ArgumentNullException.ThrowIfNull(citation);
        return citation.Capture is { } capture
            ? $"{Path}?address={Uri.EscapeDataString(citation.Address)}&capture={Uri.EscapeDataString(capture)}"
            : null;
    }
}
