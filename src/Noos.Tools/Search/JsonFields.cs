using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Noos.Tools.Search;

/// <summary>Reads answers of services, which may lack any field or have it in another shape.</summary>
static class JsonFields
{
    public static JsonElement? Field(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;

    /// <summary>A text that is not blank; null for anything else.</summary>
    public static string? Text(this JsonElement element, string name)
    {
        try
        {
            return element.Field(name) is { ValueKind: JsonValueKind.String } value && value.GetString() is var text
                && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            return null;
        }
    }

    public static IEnumerable<JsonElement> List(this JsonElement element, string name) =>
        element.Field(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    public static DateTimeOffset? Date(this JsonElement element, string name) =>
        element.Text(name) is { } text && DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var date) ? date : null;

    /// <summary>Whether a text is an address of the web.</summary>
    public static bool IsPage(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var page) && (page.Scheme == Uri.UriSchemeHttps || page.Scheme == Uri.UriSchemeHttp);

    /// <summary>What a snippet says without its tags (<c>&lt;strong&gt;</c>) and entities, in one line.</summary>
    public static string PlainText(string? html)
    {
        var text = new StringBuilder();
        var isTag = false;
        var markup = html ?? "";
        for (var i = 0; i < markup.Length; i++)
        {
            if (!isTag && markup[i] == '<' && i + 1 < markup.Length && (char.IsAsciiLetter(markup[i + 1]) || markup[i + 1] is '/' or '!'))
            {
                isTag = markup.IndexOf('>', i) >= 0;
            }

            if (!isTag)
            {
                text.Append(markup[i]);
            }
            else if (markup[i] == '>')
            {
                isTag = false;
            }
        }

        return string.Join(' ', WebUtility.HtmlDecode(text.ToString()).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }
}
