using System.Buffers.Text;
using Noos.Core.Conversations;
using Noos.Server.OpenAi;

namespace Noos.Server.Answers;

/// <summary>Reads the pictures and sounds of a request, whatever API they come by.</summary>
static class MediaReader
{
    const int MaxTypeLength = 100;
    const string Base64Mark = ";base64,";

    /// <summary>
    /// A picture by its address: <c>data:image/png;base64,...</c>, or one of the web, which only a model elsewhere fetches.
    /// </summary>
    /// <param name="uri">As it came.</param>
    /// <param name="path">The field that it came in.</param>
    public static ImagePart Image(string uri, string path)
    {
        if (!uri.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            return Uri.TryCreate(uri, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
                ? new ImagePart(address.OriginalString)
                : throw Bad(path);
        }

        var mark = uri.IndexOf(Base64Mark, StringComparison.OrdinalIgnoreCase);
        return mark > 0 ? Image(uri[5..mark], uri[(mark + Base64Mark.Length)..], path) : throw Bad(path);
    }

    /// <summary>A picture in the request.</summary>
    /// <param name="type">Such as image/png.</param>
    /// <param name="data">Base64.</param>
    /// <param name="path">The field that it came in.</param>
    public static ImagePart Image(string type, string data, string path) =>
        type.StartsWith("image/", StringComparison.OrdinalIgnoreCase) && IsToken(type["image/".Length..]) && IsData(data)
            ? new ImagePart($"data:{type}{Base64Mark}{data}", type)
            : throw Bad(path);

    /// <summary>A picture of which only the bytes are known.</summary>
    /// <param name="data">Base64.</param>
    /// <param name="path">The field that it came in.</param>
    public static ImagePart Image64(string data, string path) => Image(
        data switch
        {
            ['/', '9', 'j', ..] => "image/jpeg",
            ['R', '0', 'l', ..] => "image/gif",
            ['U', 'k', 'l', ..] => "image/webp",
            _ => "image/png",
        },
        data, path);

    /// <summary>Sound in the request.</summary>
    /// <param name="data">Base64.</param>
    /// <param name="format">wav or mp3.</param>
    /// <param name="path">The field that it came in.</param>
    public static AudioPart Audio(string data, string format, string path)
    {
        var type = format switch
        {
            "wav" => "audio/wav",
            "mp3" => "audio/mpeg",
            _ => null,
        };
        return type is not null && IsData(data)
            ? new AudioPart($"data:{type}{Base64Mark}{data}", type)
            : throw ApiException.Invalid(path, $"{path} must have \"data\" in Base64 and the \"format\" wav or mp3.");
    }

    static bool IsToken(string text) =>
        text.Length is > 0 and <= MaxTypeLength && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '+' or '-');

    static bool IsData(string data) => data.Length > 0 && Base64.IsValid(data);

    static ApiException Bad(string path) => ApiException.Invalid(
        path, $"{path} must be a picture: data:image/TYPE;base64, and its bytes so, or an address that begins with https:// or http://.");
}
