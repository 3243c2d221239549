using System.Globalization;
using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Corpus.Index;

namespace Noos.Tools.Search;

/// <summary>
/// Searches this machine and the web. Each result is a line <c>[n] Title</c>, with address and date for a page of the web, and below it
/// the passage as it was read, a part of its own that has the <see cref="Citation"/>. Nothing is opened before the first call.
/// </summary>
public sealed class SearchTool : ITool, IDisposable
{
    public const string Name = "search";
    public const string Argument = "query";

    /// <summary>The longest query, in characters.</summary>
    public const int MaxQueryLength = 400;

    // Two sentences, one, and a title with its address.
    const int UsefulLength = 300;
    const int MinLength = 100;
    const int HeadingLength = 60;

    static readonly ToolDeclaration s_declaration = new(
        Name,
        "Looks facts up in an encyclopedia, the user's files and the web. Cite what you use by its number, like [1].",
        JsonElement.Parse($$"""
        {
          "type": "object",
          "properties": {
            "{{Argument}}": {
              "type": "string",
              "description": "A question or a few words, for example: first president of the United States",
              "minLength": 1,
              "maxLength": {{MaxQueryLength}}
            }
          },
          "required": ["{{Argument}}"],
          "additionalProperties": false
        }
        """));

    readonly Lazy<SearchOptions> _options;
    readonly Lazy<IReadOnlyList<ISearchSource>> _sources;

    // What a guest may search: all but the files and pages that the person has added whose machine this is.
    readonly Lazy<IReadOnlyList<ISearchSource>> _guestSources;

    /// <param name="options">Asked with the first call.</param>
    public SearchTool(Func<SearchOptions> options)
    {
        _options = new Lazy<SearchOptions>(options);
        _sources = new Lazy<IReadOnlyList<ISearchSource>>(() => SearchSources.Create(_options.Value));
        _guestSources = new Lazy<IReadOnlyList<ISearchSource>>(
            () => SearchSources.Create(_options.Value with { IndexPath = null }));
    }

    public ToolDeclaration Declaration => s_declaration;

    public IReadOnlyList<Capability> Needs => [Capability.Network];

    public bool IsRepeatable => true;

    /// <summary>
    /// Every service is told the words; this machine is asked without an effect, for what lies there is meant to be found.
    /// </summary>
    public IReadOnlyList<Effect> EffectsOf(ToolCallPart call, IToolContext context)
    {
        ArgumentNullException.ThrowIfNull(call);
        var words = Query(call).Text;
        return [.. _sources.Value.Where(source => source.Service is not null)
            .Select(source => Effect.Query(source.Service!.GetLeftPart(UriPartial.Authority), words))];
    }

    public async ValueTask<ToolResult> InvokeAsync(ToolCallPart call, IToolContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var query = Query(call);
        var sources = context.IsGuest ? _guestSources : _sources;
        var (count, length) = Share(context.ResultRoom);
        var report = await new WebSearch(sources.Value).SearchAsync(query, count, context.Http, cancellationToken);
        if (report.HasFailed)
        {
            return ToolResult.Error(string.Join(' ', report.Faults));
        }

        var parts = new List<Part>();
        foreach (var result in report.Results.Select(result => Shorten(result, query, length)))
        {
            var number = parts.Count / 2 + 1;
            parts.Add(new TextPart($"{(number > 1 ? "\n" : "")}{Heading(number, result)}\n"));
            parts.Add(new TextPart(result.Text) { Origin = Label(result.Origin), Citation = result.ToCitation(number) });
        }

        var remarks = (report.Results.Count == 0 ? ["Nothing was found."] : Array.Empty<string>()).Concat(report.Faults).ToArray();
        if (remarks.Length > 0)
        {
            parts.Add(new TextPart($"{(parts.Count > 0 ? "\n" : "")}{string.Join(' ', remarks)}"));
        }

        return new ToolResult(parts, Origin: report.Results.Select(result => (Origin?)result.Origin)
            .Aggregate((Origin?)Origin.Tool, Origins.LessTrusted) ?? Origin.Tool)
        {
            Links = [.. report.Results.Where(result => result.IsPage && result.Origin == Origin.Web).Select(result => result.Address)
                .Distinct()],
        };
    }

    public void Dispose()
    {
        foreach (var sources in (Lazy<IReadOnlyList<ISearchSource>>[])[_sources, _guestSources])
        {
            foreach (var source in sources.IsValueCreated ? sources.Value.OfType<IDisposable>() : [])
            {
                source.Dispose();
            }
        }
    }

    static SearchQuery Query(ToolCallPart call)
    {
        var query = SearchQuery.Parse(call.Arguments.GetProperty(Argument).GetString()!);
        return query.IsEmpty ? throw new ToolException("There is no word in the query to search for.") : query;
    }

    static string Heading(int number, SearchResult result)
    {
        var about = string.Join(", ", new[]
        {
            result.Origin == Origin.Tool ? null : result.Address,
            result.Date is { } date ? Day(date) : null,
        }.OfType<string>());
        var title = string.Create(CultureInfo.InvariantCulture, $"[{number}] {result.Title}");
        return about.Length > 0 ? $"{title} ({about})" : title;
    }

    /// <summary>A date as it is known: a source that only knows the year has the first of January.</summary>
    static string Day(DateTimeOffset date) => date.ToString(
        date.UtcDateTime is { Month: 1, Day: 1, TimeOfDay.Ticks: 0 } ? "yyyy" : "yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>How many results a model has room for, and how many characters of the text of each.</summary>
    (int Count, int Length) Share(int? room)
    {
        var options = _options.Value;
        if (room is not { } characters || characters >= options.MaxResults * (options.MaxTextLength + HeadingLength))
        {
            return (options.MaxResults, options.MaxTextLength);
        }

        // Few that can be understood are worth more than many that are cut.
        var count = Math.Clamp(characters / (UsefulLength + HeadingLength), 1, options.MaxResults);
        return (count, Math.Clamp((characters / count) - HeadingLength, Math.Min(MinLength, options.MaxTextLength), options.MaxTextLength));
    }

    static SearchResult Shorten(SearchResult result, SearchQuery query, int maxLength)
    {
        if (result.Text.Length <= maxLength)
        {
            return result;
        }

        var (start, length) = Excerpt.Find(result.Text, query, maxLength);
        return result with { Start = result.Start + start, Text = result.Text.Substring(start, length) };
    }

    // A part without a label is a tool's own word.
    static Origin? Label(Origin origin) => origin == Origin.Tool ? null : origin;
}
