using System.Text.Json;
using Noos.Core;
using Noos.Inference.Constraints.Patterns;

namespace Noos.Inference.Constraints.Schemas;

/// <summary>
/// Reads JSON Schema (draft 2020-12 and what is common of the earlier ones): resolves references and turns <c>anyOf</c>, <c>oneOf</c> and
/// <c>allOf</c> into a list of cases.
/// </summary>
/// <param name="root">The document that references point into.</param>
/// <param name="isLenient">Passes over what is not supported instead of refusing it.</param>
sealed class SchemaReader(JsonElement root, bool isLenient)
{
    /// <summary>Most cases that one schema may come to.</summary>
    const int MaxCases = 256;

    const int MaxReferences = 100;

    static readonly string[] s_unsupported = ["not", "if", "dependentRequired", "dependentSchemas", "dependencies", "contains",
        "unevaluatedProperties", "unevaluatedItems", "$dynamicRef", "$recursiveRef"];

    /// <summary>The ways to satisfy several schemas at once.</summary>
    /// <exception cref="NoosException">A schema is broken, or says something that is not supported.</exception>
    public List<SchemaCase> Expand(IEnumerable<JsonElement> schemas)
    {
        List<SchemaCase> cases = [new SchemaCase()];
        foreach (var schema in schemas)
        {
            cases = Apply(cases, schema, 0);
        }

        return cases;
    }

    /// <summary>Whether a value satisfies all the schemas.</summary>
    public bool Accepts(IEnumerable<JsonElement> schemas, JsonElement value) => Expand(schemas).Exists(one => Accepts(one, value));

    public NoosException Unsupported(string what) =>
        new($"The schema uses {what}, which cannot be enforced while a model writes; leave it out.");

    public static JsonTypes TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => JsonTypes.Object,
        JsonValueKind.Array => JsonTypes.Array,
        JsonValueKind.String => JsonTypes.String,
        JsonValueKind.Number => IsWhole(value) ? JsonTypes.Integer : JsonTypes.Fractional,
        JsonValueKind.True or JsonValueKind.False => JsonTypes.Boolean,
        _ => JsonTypes.Null,
    };

    List<SchemaCase> Apply(List<SchemaCase> cases, JsonElement schema, int references)
    {
        switch (schema.ValueKind)
        {
            case JsonValueKind.True:
                return cases;
            case JsonValueKind.False:
                return [];
            case not JsonValueKind.Object:
                return isLenient
                    ? cases
                    : throw new NoosException($"A schema must be an object, true or false, and not {Short(schema)}; correct it.");
        }

        if (schema.TryGetProperty("$ref", out var reference))
        {
            if (references == MaxReferences)
            {
                if (isLenient)
                {
                    return cases;
                }

                throw new NoosException(
                    $"The reference {Short(reference)} of the schema leads back to itself, or through more than {MaxReferences} others; "
                    + "correct it, or shorten the chain.");
            }

            cases = Resolve(reference) is { } target ? Apply(cases, target, references + 1) : cases;
        }

        if (schema.TryGetProperty("allOf", out var all))
        {
            foreach (var part in Branches(all, "allOf"))
            {
                cases = Apply(cases, part, references);
            }
        }

        foreach (var keyword in (ReadOnlySpan<string>)["anyOf", "oneOf"])
        {
            if (schema.TryGetProperty(keyword, out var branches))
            {
                cases = Choose(cases, [.. Branches(branches, keyword)], mustBeOne: keyword == "oneOf", references);
            }
        }

        foreach (var keyword in s_unsupported)
        {
            if (!isLenient && schema.TryGetProperty(keyword, out _))
            {
                throw Unsupported($"'{keyword}'");
            }
        }

        var merged = cases.ConvertAll(one => one.Copy());
        merged.ForEach(one => AddKeywords(one, schema));
        return merged.FindAll(one => !one.IsEmpty);
    }

    List<SchemaCase> Choose(List<SchemaCase> cases, List<JsonElement> branches, bool mustBeOne, int references)
    {
        var chosen = new List<SchemaCase>();
        var groups = new List<List<SchemaCase>>();
        foreach (var branch in branches)
        {
            var group = Apply(cases, branch, references);
            if (mustBeOne && !isLenient && groups.Exists(other => other.Exists(one => group.Exists(two => !AreApart(one, two)))))
            {
                throw Unsupported("'oneOf' with branches that may hold at once");
            }

            groups.Add(group);
            chosen.AddRange(group);
            if (chosen.Count > MaxCases)
            {
                if (isLenient)
                {
                    // What the branches say is left free; what stands beside them still holds.
                    return cases;
                }

                throw new NoosException($"The schema has more than {MaxCases} combinations of branches; simplify it.");
            }
        }

        return chosen;
    }

    /// <summary>No value that is written for one case satisfies the other.</summary>
    bool AreApart(SchemaCase one, SchemaCase two)
    {
        if (one.Literals is not null || two.Literals is not null)
        {
            var (literals, other) = one.Literals is not null ? (one.Literals, two) : (two.Literals!, one);
            return !literals.Any(literal => Accepts(other, literal));
        }

        var shared = one.Types & two.Types;
        return shared == JsonTypes.None
            || (shared == JsonTypes.Object && (IsMissing(one, two) && IsMissing(two, one) || HaveDiscriminator(one, two)))
            || ((shared & ~JsonTypes.Number) == JsonTypes.None
                && (one.Max < two.Min
                    || two.Max < one.Min
                    || (one.Max == two.Min && (one.ExcludesMax || two.ExcludesMin))
                    || (two.Max == one.Min && (two.ExcludesMax || one.ExcludesMin))))
            || (shared == JsonTypes.String && (one.MaxLength < two.MinLength || two.MaxLength < one.MinLength))
            || (shared == JsonTypes.Array && (one.MaxItems < two.MinItems || two.MaxItems < one.MinItems));
    }

    /// <summary>The second case requires a property that is never written for the first.</summary>
    static bool IsMissing(SchemaCase one, SchemaCase two) =>
        !one.PropertyRules.Any(rule => rule.Patterns.Count > 0 || rule.Additional is { ValueKind: not JsonValueKind.False })
        && one.PropertyRules.Count > 0
        && two.Required.Except(one.KnownNames()).Any();

    /// <summary>Both require a property whose values differ.</summary>
    bool HaveDiscriminator(SchemaCase one, SchemaCase two) => one.Required.Intersect(two.Required)
        .Any(name => Expand(one.SchemasOf(name)) is var ours && Expand(two.SchemasOf(name)) is var theirs
            && ours.TrueForAll(a =>
                theirs.TrueForAll(b =>
                    a.Literals is not null && b.Literals is not null ? AreApart(a, b) : (a.Types & b.Types) == JsonTypes.None)));

    void AddKeywords(SchemaCase one, JsonElement schema)
    {
        foreach (var keyword in schema.EnumerateObject())
        {
            switch (keyword.Name)
            {
                case "type":
                    one.Types &= ReadTypes(keyword.Value, schema);
                    break;
                case "const":
                    SetLiterals(one, [keyword.Value]);
                    break;
                case "enum" when keyword.Value.ValueKind == JsonValueKind.Array:
                    SetLiterals(one, [.. keyword.Value.EnumerateArray()]);
                    break;
                case "minimum" or "exclusiveMinimum" or "maximum" or "exclusiveMaximum" or "multipleOf":
                    AddBound(one, keyword.Name, keyword.Value, schema);
                    break;
                case "minLength":
                    one.MinLength = Math.Max(one.MinLength, Count(keyword));
                    break;
                case "maxLength":
                    one.MaxLength = Math.Min(one.MaxLength ?? int.MaxValue, Count(keyword));
                    break;
                case "pattern":
                    one.Patterns = IsEnforceable(Text(keyword)) ? [.. one.Patterns, Text(keyword)] : one.Patterns;
                    break;
                case "format" when keyword.Value.ValueKind == JsonValueKind.String
                    && StringFormats.Find(keyword.Value.GetString()!) is { } pattern:
                    one.Patterns = [.. one.Patterns, pattern];
                    break;
                case "minItems":
                    one.MinItems = Math.Max(one.MinItems, Count(keyword));
                    break;
                case "maxItems":
                    one.MaxItems = Math.Min(one.MaxItems ?? int.MaxValue, Count(keyword));
                    break;
                case "uniqueItems":
                    one.HasDistinctItems |= keyword.Value.ValueKind == JsonValueKind.True;
                    break;
                case "minProperties":
                    one.MinProperties = Math.Max(one.MinProperties, Count(keyword));
                    break;
                case "maxProperties":
                    one.MaxProperties = Math.Min(one.MaxProperties ?? int.MaxValue, Count(keyword));
                    break;
                case "required" when keyword.Value.ValueKind == JsonValueKind.Array:
                    one.Required = one.Required.Union(keyword.Value.EnumerateArray()
                        .Where(name => name.ValueKind == JsonValueKind.String)
                        .Select(name => name.GetString()!)).ToHashSet(StringComparer.Ordinal);
                    break;
                case "propertyNames":
                    AddNameRule(one, keyword.Value);
                    break;
            }
        }

        foreach (var what in (ReadOnlySpan<string>)["Length", "Items", "Properties"])
        {
            if (schema.TryGetProperty("min" + what, out var min)
                && schema.TryGetProperty("max" + what, out var max)
                && max.GetDouble() < min.GetDouble())
            {
                throw new NoosException($"The schema's max{what} {Short(max)} is below its min{what} {Short(min)}; correct it.");
            }
        }

        AddItemRule(one, schema);
        AddPropertyRule(one, schema);
        if (one.Literals is not null)
        {
            var rest = one.Copy();
            rest.Literals = null;
            one.Literals = [.. one.Literals.Where(literal => Accepts(rest, literal))];
        }
    }

    /// <summary>
    /// Where nothing is refused, a pattern that cannot be enforced (look-around, \b, back-references, too many states) is left out.
    /// </summary>
    bool IsEnforceable(string pattern)
    {
        if (!isLenient)
        {
            return true;
        }

        try
        {
            return StringFormats.FindAutomaton(pattern) is not null || !PatternAutomaton.Compile(RegexSyntax.Parse(pattern)).IsEmpty;
        }
        catch (NoosException)
        {
            return false;
        }
    }

    static void AddItemRule(SchemaCase one, JsonElement schema)
    {
        var first = schema.TryGetProperty("prefixItems", out var prefix) ? prefix : default;
        var rest = schema.TryGetProperty("items", out var items) ? items : (JsonElement?)null;
        if (rest is { ValueKind: JsonValueKind.Array })
        {
            // Before 2020-12 the two keywords had other names.
            first = rest.Value;
            rest = schema.TryGetProperty("additionalItems", out var additional) ? additional : null;
        }

        if (rest is not null || first.ValueKind == JsonValueKind.Array)
        {
            one.ItemRules = [.. one.ItemRules, (first.ValueKind == JsonValueKind.Array ? [.. first.EnumerateArray()] : [], rest)];
        }
    }

    void AddPropertyRule(SchemaCase one, JsonElement schema)
    {
        var properties = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var hasProperties = schema.TryGetProperty("properties", out var known) && known.ValueKind == JsonValueKind.Object;
        if (hasProperties)
        {
            foreach (var property in known.EnumerateObject())
            {
                properties[property.Name] = property.Value;
            }
        }

        var patterns = new List<(PatternAutomaton, JsonElement)>();
        var hasUnknownNames = false;
        if (schema.TryGetProperty("patternProperties", out var byPattern) && byPattern.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in byPattern.EnumerateObject())
            {
                if (IsEnforceable(property.Name))
                {
                    patterns.Add((PatternAutomaton.Compile(RegexSyntax.Parse(property.Name)), property.Value));
                }
                else
                {
                    hasUnknownNames = true;
                }
            }
        }

        // Names that a pattern allows which cannot be read may be any.
        var additional = hasUnknownNames ? JsonElement.Parse("true")
            : schema.TryGetProperty("additionalProperties", out var others) ? others
            : (JsonElement?)null;
        if (hasProperties || patterns.Count > 0 || additional is not null)
        {
            one.PropertyRules = [.. one.PropertyRules, new SchemaCase.PropertyRule(properties, patterns, additional)];
        }
    }

    void AddNameRule(SchemaCase one, JsonElement schema)
    {
        if (schema.ValueKind == JsonValueKind.Object
            && schema.EnumerateObject().All(keyword => keyword.Name is "pattern" or "type" or "description" or "title")
            && schema.TryGetProperty("pattern", out var pattern) && pattern.ValueKind == JsonValueKind.String)
        {
            one.NamePatterns = IsEnforceable(pattern.GetString()!) ? [.. one.NamePatterns, pattern.GetString()!] : one.NamePatterns;
        }
        else if (!isLenient && schema.ValueKind != JsonValueKind.True)
        {
            throw Unsupported("'propertyNames' with more than a pattern");
        }
    }

    void SetLiterals(SchemaCase one, IReadOnlyList<JsonElement> literals) =>
        one.Literals = one.Literals is null
            ? literals
            : [.. one.Literals.Where(known => literals.Any(literal => JsonElement.DeepEquals(known, literal)))];

    JsonTypes ReadTypes(JsonElement type, JsonElement schema)
    {
        var types = JsonTypes.None;
        foreach (var name in type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().ToArray() : [type])
        {
            types |= (name.ValueKind == JsonValueKind.String ? name.GetString() : null) switch
            {
                "object" => JsonTypes.Object,
                "array" => JsonTypes.Array,
                "string" => JsonTypes.String,
                "integer" => JsonTypes.Integer,
                "number" => JsonTypes.Number,
                "boolean" => JsonTypes.Boolean,
                "null" => JsonTypes.Null,
                _ => throw new NoosException(
                    $"A schema has the unknown type {Short(name)}; use object, array, string, integer, number, boolean or null."),
            };
        }

        return schema.TryGetProperty("nullable", out var nullable) && nullable.ValueKind == JsonValueKind.True
            ? types | JsonTypes.Null
            : types;
    }

    void AddBound(SchemaCase one, string name, JsonElement value, JsonElement schema)
    {
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            // Before draft 6 these were flags beside the limits.
            return;
        }

        if (value.ValueKind != JsonValueKind.Number)
        {
            throw new NoosException($"The schema's {name} must be a number and not {Short(value)}; correct it.");
        }

        if (!value.TryGetDecimal(out var bound))
        {
            // Further out than any number that is written.
            bound = value.GetDouble() < 0 ? decimal.MinValue : decimal.MaxValue;
        }

        var isFlagged = schema.TryGetProperty(name == "minimum" ? "exclusiveMinimum" : "exclusiveMaximum", out var flag)
            && flag.ValueKind == JsonValueKind.True;
        switch (name)
        {
            case "multipleOf":
                one.Multiples = bound > 0
                    ? [.. one.Multiples, bound]
                    : throw new NoosException($"The schema's multipleOf must be above 0 and not {Short(value)}; correct it.");
                break;
            case "minimum" or "exclusiveMinimum" when one.Min is null
                || bound > one.Min
                || (bound == one.Min && name == "exclusiveMinimum"):
                one.Min = bound;
                one.ExcludesMin = name == "exclusiveMinimum" || isFlagged;
                break;
            case "maximum" or "exclusiveMaximum" when one.Max is null
                || bound < one.Max
                || (bound == one.Max && name == "exclusiveMaximum"):
                one.Max = bound;
                one.ExcludesMax = name == "exclusiveMaximum" || isFlagged;
                break;
        }
    }

    bool Accepts(SchemaCase one, JsonElement value)
    {
        if ((one.Types & TypeOf(value)) == JsonTypes.None
            || (one.Literals is { } literals && !literals.Any(literal => JsonElement.DeepEquals(literal, value))))
        {
            return false;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Number:
                return value.TryGetDecimal(out var number)
                    && !(number < one.Min)
                        && !(number > one.Max)
                        && !(one.ExcludesMin && number == one.Min)
                        && !(one.ExcludesMax && number == one.Max)
                    && one.Multiples.All(multiple => number % multiple == 0);
            case JsonValueKind.String:
                var text = value.GetString()!;
                var length = text.EnumerateRunes().Count();
                return length >= one.MinLength
                    && !(length > one.MaxLength)
                    && one.Patterns.All(pattern => PatternAutomaton.Compile(RegexSyntax.Parse(pattern)).Accepts(text));
            case JsonValueKind.Array:
                var items = value.EnumerateArray().ToArray();
                return items.Length >= one.MinItems && !(items.Length > one.MaxItems)
                    && items.Select((item, index) => Accepts(one.SchemasOfItem(index), item)).All(isAccepted => isAccepted)
                    && (!one.HasDistinctItems
                        || items.Select((item, index) => !items.Take(index).Any(other => JsonElement.DeepEquals(other, item)))
                            .All(isNew => isNew));
            case JsonValueKind.Object:
                var properties = value.EnumerateObject().ToArray();
                return properties.Length >= one.MinProperties && !(properties.Length > one.MaxProperties)
                    && one.Required.All(name => value.TryGetProperty(name, out _))
                    && properties.All(property => Accepts(one.SchemasOf(property.Name), property.Value))
                    && properties.All(property =>
                        one.NamePatterns.All(pattern => PatternAutomaton.Compile(RegexSyntax.Parse(pattern)).Accepts(property.Name)));
            default:
                return true;
        }
    }

    JsonElement? Resolve(JsonElement reference)
    {
        var path = reference.ValueKind == JsonValueKind.String ? reference.GetString()! : "";
        JsonElement? target = path == "#" ? root : path.StartsWith("#/", StringComparison.Ordinal) ? Walk(path[2..]) : null;
        return target is not null || isLenient
            ? target
            : throw new NoosException(
                $"The schema's reference {Short(reference)} points to nothing; use '#/...' to point into the same schema.");
    }

    JsonElement? Walk(string path)
    {
        var target = root;
        foreach (var part in path.Split('/'))
        {
            var name = Uri.UnescapeDataString(part)
                .Replace("~1", "/", StringComparison.Ordinal)
                .Replace("~0", "~", StringComparison.Ordinal);
            if (target.ValueKind == JsonValueKind.Object && target.TryGetProperty(name, out var member))
            {
                target = member;
            }
            else if (target.ValueKind == JsonValueKind.Array
                && int.TryParse(name, out var index)
                && index >= 0
                && index < target.GetArrayLength())
            {
                target = target[index];
            }
            else
            {
                return null;
            }
        }

        return target;
    }

    JsonElement[] Branches(JsonElement branches, string keyword) =>
        branches.ValueKind == JsonValueKind.Array && branches.GetArrayLength() > 0
        ? [.. branches.EnumerateArray()]
        : isLenient ? [JsonElement.Parse("true")]
        : throw new NoosException($"The schema's {keyword} must be a list of schemas; correct it.");

    static bool IsWhole(JsonElement number) =>
        number.TryGetDecimal(out var value) ? decimal.IsInteger(value) : double.IsInteger(number.GetDouble());

    static int Count(JsonProperty keyword) =>
        keyword.Value.ValueKind == JsonValueKind.Number && keyword.Value.TryGetDecimal(out var count) && count >= 0
        ? (int)Math.Min(Math.Truncate(count), int.MaxValue)
        : throw new NoosException($"The schema's {keyword.Name} must be a count and not {Short(keyword.Value)}; correct it.");

    static string Text(JsonProperty keyword) => keyword.Value.ValueKind == JsonValueKind.String
        ? keyword.Value.GetString()!
        : throw new NoosException($"The schema's {keyword.Name} must be a text and not {Short(keyword.Value)}; correct it.");

    static string Short(JsonElement value) => value.GetRawText() is { Length: > 40 } text ? text[..40] + "..." : value.GetRawText();
}
