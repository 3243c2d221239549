using System.Globalization;

namespace Noos.Corpus.Archive;

/// <summary>A record of a WARC file.</summary>
/// <param name="Version">Such as <c>WARC/1.1</c>.</param>
/// <param name="Headers">Its named fields.</param>
/// <param name="Content">Its block: of a response the whole HTTP message.</param>
public sealed record WarcRecord(string Version, HeaderList Headers, ReadOnlyMemory<byte> Content)
{
    /// <summary>Where it begins in its file, in bytes as they lie there; -1 where that is not known.</summary>
    public long Offset { get; init; } = -1;

    /// <summary>Its length in the file, compressed if the file is; -1 where that is not known.</summary>
    public long Length { get; init; } = -1;

    /// <summary>The reader has cut its content, since it is longer than what is kept.</summary>
    public bool IsCut { get; init; }

    /// <summary>One of <see cref="WarcTypes"/>, or another word.</summary>
    public string Type => Headers["WARC-Type"] ?? "";

    public string? Id => Headers["WARC-Record-ID"];

    /// <summary>The address that was asked for; without the angle brackets that some programs write.</summary>
    public string? TargetUri => Headers["WARC-Target-URI"]?.Trim('<', '>');

    /// <summary>When it was captured; null where it does not say.</summary>
    public DateTimeOffset? Date => DateTimeOffset.TryParse(
        Headers["WARC-Date"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var date)
        ? date
        : null;

    /// <summary>The HTTP message that it holds; null where it holds none.</summary>
    public HttpMessage? Http =>
        Type is WarcTypes.Response or WarcTypes.Request or WarcTypes.Revisit && !Content.IsEmpty
        && (TargetUri?.StartsWith("http", StringComparison.OrdinalIgnoreCase) ?? false)
            ? HttpMessage.Parse(Content)
            : null;
}
