using System.Text.Json;
using Noos.Inference.Constraints.Patterns;

namespace Noos.Inference.Constraints.Schemas;

/// <summary>One way to satisfy a schema: all its keywords of one choice of branches, put together.</summary>
sealed class SchemaCase
{
    public JsonTypes Types { get; set; } = JsonTypes.All;

    /// <summary>The only values there are; null for all.</summary>
    public IReadOnlyList<JsonElement>? Literals { get; set; }

    public decimal? Min { get; set; }

    public decimal? Max { get; set; }

    public bool ExcludesMin { get; set; }

    public bool ExcludesMax { get; set; }

    public IReadOnlyList<decimal> Multiples { get; set; } = [];

    public int MinLength { get; set; }

    public int? MaxLength { get; set; }

    public IReadOnlyList<string> Patterns { get; set; } = [];

    public int MinItems { get; set; }

    public int? MaxItems { get; set; }

    public bool HasDistinctItems { get; set; }

    /// <summary>Schemas of the first items and of the rest; all rules hold at once.</summary>
    public IReadOnlyList<(IReadOnlyList<JsonElement> First, JsonElement? Others)> ItemRules { get; set; } = [];

    public int MinProperties { get; set; }

    public int? MaxProperties { get; set; }

    public IReadOnlySet<string> Required { get; set; } = new HashSet<string>();

    /// <summary>All rules hold at once.</summary>
    public IReadOnlyList<PropertyRule> PropertyRules { get; set; } = [];

    public IReadOnlyList<string> NamePatterns { get; set; } = [];

    public bool IsEmpty => Types == JsonTypes.None || Literals is { Count: 0 };

    public SchemaCase Copy() => (SchemaCase)MemberwiseClone();

    /// <summary>All schemas that an item must satisfy.</summary>
    public List<JsonElement> SchemasOfItem(int index) =>
        [.. ItemRules.Select(rule => index < rule.First.Count ? rule.First[index] : rule.Others).OfType<JsonElement>()];

    /// <summary>All schemas that a property must satisfy.</summary>
    public List<JsonElement> SchemasOf(string name)
    {
        var schemas = new List<JsonElement>();
        foreach (var rule in PropertyRules)
        {
            var before = schemas.Count;
            if (rule.Properties.TryGetValue(name, out var own))
            {
                schemas.Add(own);
            }

            schemas.AddRange(rule.Patterns.Where(pattern => pattern.Names.Accepts(name)).Select(pattern => pattern.Schema));
            if (schemas.Count == before && rule.Additional is { } additional)
            {
                schemas.Add(additional);
            }
        }

        return schemas;
    }

    /// <summary>Properties that some rule names, in the order of the schema, and those that are required.</summary>
    public IEnumerable<string> KnownNames() =>
        PropertyRules.SelectMany(rule => rule.Properties.Keys).Concat(Required).Distinct(StringComparer.Ordinal);

    /// <param name="Properties">Schemas by name.</param>
    /// <param name="Patterns">Schemas by a pattern of the name.</param>
    /// <param name="Additional">The schema of all others; null where nothing is said.</param>
    public sealed record PropertyRule(
        IReadOnlyDictionary<string, JsonElement> Properties, IReadOnlyList<(PatternAutomaton Names, JsonElement Schema)> Patterns,
        JsonElement? Additional);
}
