using System.Globalization;
using Microsoft.AspNetCore.Http;
using Noos.Core.Text;
using Noos.Server.OpenAi;

namespace Noos.Server.Processes;

/// <summary>
/// The parameters of an address, checked as they are read. It remembers which were asked for, so that others can be refused instead of
/// being passed over. One that is empty counts as not there.
/// </summary>
sealed class QueryFields(HttpRequest request)
{
    readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public string? Text(string name)
    {
        _known.Add(name);
        return request.Query[name].ToString() is { Length: > 0 } text ? text : null;
    }

    public long? Integer(string name, long min, long max) => Text(name) switch
    {
        null => null,
        var text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && value >= min && value <= max => value,
        _ => throw ApiException.Invalid(
            name, string.Create(CultureInfo.InvariantCulture, $"The parameter \"{name}\" must be a whole number from {min} to {max}.")),
    };

    public bool Flag(string name) => Text(name) switch
    {
        null or "false" or "0" => false,
        "true" or "1" => true,
        _ => throw ApiException.Invalid(name, $"The parameter \"{name}\" must be true or false."),
    };

    /// <exception cref="ApiException">There is a parameter that nobody asked for.</exception>
    public void RefuseUnknown()
    {
        if (request.Query.Keys.FirstOrDefault(name => !_known.Contains(name)) is { } unknown)
        {
            var near = NearestNames.Find(unknown, _known);
            throw new ApiException(
                StatusCodes.Status400BadRequest,
                $"The parameter \"{unknown}\" is not known here, so it would be ignored; "
                + (near.Count == 0 ? "leave it out." : $"did you mean {string.Join(" or ", near.Select(other => $"\"{other}\""))}?"),
                unknown,
                "unknown_parameter");
        }
    }
}
