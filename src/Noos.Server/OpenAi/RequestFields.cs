using System.Globalization;
using System.Text.Json;
using Noos.Core.Text;

namespace Noos.Server.OpenAi;

/// <summary>
/// The fields of a JSON object of a request, checked as they are read. It remembers which were asked for, so that those that nobody
/// understands can be refused instead of being passed over. A field that is null counts as not there.
/// </summary>
/// <param name="element">A JSON object.</param>
/// <param name="path">What a refusal calls it, such as "messages[0]"; empty for the request itself.</param>
sealed class RequestFields(JsonElement element, string path = "")
{
    readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>The value of an object.</summary>
    /// <exception cref="ApiException">It is none.</exception>
    public static RequestFields From(JsonElement value, string path) => value.ValueKind == JsonValueKind.Object
        ? new RequestFields(value, path)
        : throw ApiException.Invalid(path, $"{Describe(path)} must be an object.");

    public string PathOf(string name) => path.Length == 0 ? name : $"{path}.{name}";

    public JsonElement? Find(string name)
    {
        _known.Add(name);
        return element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    public RequestFields? Object(string name) => Find(name) is { } value ? From(value, PathOf(name)) : null;

    public string? String(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        _ => throw Bad(name, "text"),
    };

    public bool? Flag(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.True } => true,
        _ => throw Bad(name, "true or false"),
    };

    public double? Number(string name, double min, double max) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.GetDouble() is var value && value >= min && value <= max => value,
        _ => throw Bad(name, string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}")),
    };

    /// <summary>A whole number, also where it is written as 1.0.</summary>
    public long? Integer(string name, long min, long max) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when Whole(number) is { } value && value >= min && value <= max => value,
        _ => throw Bad(name, string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}")),
    };

    /// <summary>One text or a list of them.</summary>
    public List<string>? Texts(string name, int max) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } one => [one.GetString()!],
        { ValueKind: JsonValueKind.Array } many when many.GetArrayLength() <= max
            && many.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) =>
                [.. many.EnumerateArray().Select(item => item.GetString()!)],
        _ => throw Bad(name, $"text or a list of at most {max} texts"),
    };

    /// <summary>Texts at which an answer ends; an empty one would never do so.</summary>
    public List<string>? Stops(string name, int max)
    {
        var stops = Texts(name, max);
        return stops?.Contains("") == true ? throw Bad(name, $"text or a list of at most {max} texts, none of them empty") : stops;
    }

    /// <summary>A JSON schema: an object, or true for anything and false for nothing.</summary>
    public JsonElement? Schema(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False } schema => schema.Clone(),
        _ => throw Bad(name, "a JSON schema"),
    };

    /// <summary>One of some words; null where the field is not there.</summary>
    public string? Word(string name, params ReadOnlySpan<string> words)
    {
        var value = String(name);
        return value is null || words.Contains(value) ? value : throw Bad(name, $"one of: {string.Join(", ", words!)}");
    }

    /// <summary>Fields that change nothing here, whatever they hold.</summary>
    public void Accept(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            _known.Add(name);
        }
    }

    /// <summary>A field that other servers have and this one does not: only the value that asks for nothing is accepted.</summary>
    public void AcceptOnly(string name, Predicate<JsonElement> isUsual)
    {
        if (Find(name) is { } value && !isUsual(value))
        {
            throw ApiException.Invalid(
                PathOf(name),
                $"{Describe(PathOf(name))} cannot be {Short(value)} here, because this server has no such thing; leave it out.");
        }
    }

    /// <exception cref="ApiException">There is a field that nobody asked for.</exception>
    public void RefuseUnknown()
    {
        foreach (var member in element.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.Null && !_known.Contains(member.Name))
            {
                var near = NearestNames.Find(member.Name, _known);
                throw new ApiException(
                    400,
                    $"{Describe(PathOf(member.Name))} is not known here, so it would be ignored; "
                    + (near.Count == 0 ? "leave it out." : $"did you mean {string.Join(" or ", near.Select(other => $"\"{other}\""))}?"),
                    PathOf(member.Name),
                    "unknown_parameter");
            }
        }
    }

    public ApiException Bad(string name, string wanted) =>
        ApiException.Invalid(PathOf(name), $"{Describe(PathOf(name))} must be {wanted}.");

    static long? Whole(JsonElement number) => number.TryGetInt64(out var value) ? value
        : number.TryGetDouble(out var wide) && double.IsInteger(wide) && Math.Abs(wide) < 1L << 53 ? (long)wide
        : null;

    static string Describe(string path) => path.Contains('[') || path.Contains('.') ? path : $"The field \"{path}\"";

    static string Short(JsonElement value) => value.GetRawText() is { Length: > 40 } text ? text[..40] + "..." : value.GetRawText();
}
