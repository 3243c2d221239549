using System.Numerics;
using System.Text;
using System.Text.Json;
using Noos.Core;
using Noos.Inference.Constraints.Grammar;
using Noos.Inference.Constraints.Patterns;

namespace Noos.Inference.Constraints.Schemas;

/// <summary>
/// JSON Schema to grammar. JSON is written as the training data has it: one space after colons and commas, none elsewhere. Objects whose
/// schema names properties get others only where <c>additionalProperties</c> or <c>patternProperties</c> say so.
/// </summary>
sealed class SchemaCompiler
{
    /// <summary>Longest schema in characters.</summary>
    const int MaxLength = 1 << 20;

    const int MaxNodes = 20_000;
    const int AnyValueDepth = 4;

    // The table of what may follow grows with the square of it.
    const int MaxOrderedProperties = 1000;

    // Digits behind the point of bounded numbers, where the bounds do not ask for more.
    const int DefaultFraction = 6;

    const decimal LargestNumber = 999_999_999_999_999_999m;

    readonly SchemaReader _reader;
    readonly bool _isLenient;
    readonly Dictionary<string, RuleNode> _known = new(StringComparer.Ordinal);
    bool _exceedsDigits;

    SchemaCompiler(JsonElement root, bool isLenient)
    {
        _reader = new SchemaReader(root, isLenient);
        _isLenient = isLenient;
    }

    /// <summary>A grammar of exactly the values that are written for a schema.</summary>
    /// <exception cref="NoosException">The schema is broken, contradicts itself, or says what cannot be enforced.</exception>
    public static GrammarNode Compile(JsonElement schema) => Compile(schema, isLenient: false);

    /// <summary>
    /// The arguments of a tool: an object. What cannot be enforced is left to the tool, which checks its arguments, unless
    /// <paramref name="isStrict"/> says that then it is to be refused.
    /// </summary>
    public static GrammarNode CompileArguments(JsonElement schema, bool isStrict = false)
    {
        try
        {
            if (schema.ValueKind == JsonValueKind.Object
                && new SchemaReader(schema, isLenient: true).Expand([schema])
                    is [{ Types: JsonTypes.Object, PropertyRules.Count: 0, Required.Count: 0, MinProperties: 0 }])
            {
                // A tool that names no arguments has none.
                return new ObjectNode([]);
            }

            return schema.ValueKind != JsonValueKind.Undefined && schema.GetRawText().Length > MaxLength && !isStrict
                ? AnyObject()
                : Compile(schema, isLenient: !isStrict, JsonTypes.Object);
        }
        catch (NoosException e)
            when (schema.ValueKind == JsonValueKind.Object
                && schema.TryGetProperty("type", out var type)
                && type.ValueKind == JsonValueKind.String
                && type.GetString() != "object")
        {
            throw new NoosException("Its schema does not describe an object of arguments; give it one of type object.", e);
        }
    }

    /// <summary>The arguments of a tool one by one, for notations that write them outside of JSON.</summary>
    public static IReadOnlyList<ParameterGrammar> CompileParameters(JsonElement schema, bool isStrict = false)
    {
        // Compiled as a whole first: a contradiction is reported in the words of the whole schema.
        _ = CompileArguments(schema, isStrict);
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        var compiler = new SchemaCompiler(schema, isLenient: true);
        var one = compiler._reader.Expand([schema]).First(found => (found.Types & JsonTypes.Object) != JsonTypes.None);
        var parameters = one.KnownNames().Select(name => compiler.Parameter(one, name)).ToList();
        parameters.RemoveAll(parameter => !parameter.IsRequired && parameter is { Json: null, MayBeText: false });
        return parameters;
    }

    ParameterGrammar Parameter(SchemaCase owner, string name)
    {
        var schemas = owner.SchemasOf(name);
        var cases = _reader.Expand(schemas);
        var texts = cases.FindAll(one => (one.Types & JsonTypes.String) != JsonTypes.None && !(one.MaxLength < one.MinLength));
        var literals = texts.TrueForAll(one => one.Literals is not null)
            ? texts.SelectMany(one => one.Literals!)
                .Where(literal => literal.ValueKind == JsonValueKind.String)
                .Select(literal => literal.GetString()!)
                .Distinct(StringComparer.Ordinal)
                .ToArray()
            : null;
        var open = texts.Find(one => one.Literals is null);
        var json = Choice(schemas, JsonTypes.All & ~JsonTypes.String);
        return new ParameterGrammar(
            name,
            owner.Required.Contains(name),
            json is ChoiceNode choice && !choice.Parts.Any() ? null : json,
            literals,
            open?.MinLength ?? 0,
            open?.MaxLength,
            literals is null ? open is not null : literals.Length > 0);
    }

    /// <summary>A JSON string as tool calls are written: only what RFC 8259 asks for is escaped.</summary>
    public static byte[] Write(string text)
    {
        var json = new StringBuilder();
        Write(json, text);
        return Encoding.UTF8.GetBytes(json.ToString());
    }

    static GrammarNode Compile(JsonElement schema, bool isLenient, JsonTypes types = JsonTypes.All)
    {
        if (schema.ValueKind == JsonValueKind.Undefined)
        {
            schema = JsonElement.Parse("true");
        }

        if (schema.GetRawText().Length > MaxLength)
        {
            throw new NoosException($"The schema is longer than {MaxLength:N0} characters; shorten it.");
        }

        try
        {
            var compiler = new SchemaCompiler(schema, isLenient);
            var node = compiler.Choice([schema], types);
            return GrammarAnalysis.Prepare(node) ? node : throw compiler.Contradiction(schema);
        }
        catch (InvalidOperationException e)
        {
            throw new NoosException("The schema holds half of a surrogate pair, which is no text; correct it.", e);
        }
    }

    /// <summary>The node of several schemas that hold at once; the same one where they come again.</summary>
    RuleNode Compile(List<JsonElement> schemas)
    {
        var key = string.Join('\n', schemas.Select(schema => schema.GetRawText())
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal));
        if (!_known.TryGetValue(key, out var rule))
        {
            if (_known.Count == MaxNodes)
            {
                if (_isLenient)
                {
                    return new RuleNode { Target = AnyValue(AnyValueDepth) };
                }

                throw new NoosException($"The schema has more than {MaxNodes:N0} parts; simplify it.");
            }

            rule = new RuleNode();
            _known.Add(key, rule);
            rule.Target = Choice(schemas, JsonTypes.All);
        }

        return rule;
    }

    GrammarNode Choice(List<JsonElement> schemas, JsonTypes types)
    {
        var alternatives = new List<GrammarNode>();
        foreach (var one in _reader.Expand(schemas))
        {
            one.Types &= types;
            alternatives.AddRange(Alternatives(one));
        }

        return alternatives is [var only] ? only : new ChoiceNode(alternatives);
    }

    IEnumerable<GrammarNode> Alternatives(SchemaCase one)
    {
        if (one.Literals is { } literals)
        {
            var written = Written(literals.Where(literal => (one.Types & SchemaReader.TypeOf(literal)) != JsonTypes.None));
            if (written.Count > 0)
            {
                yield return new LiteralNode(written.Select(bytes => new LiteralAlternative(bytes)));
            }

            yield break;
        }

        if ((one.Types & JsonTypes.Object) != JsonTypes.None)
        {
            yield return Object(one);
        }

        if ((one.Types & JsonTypes.Array) != JsonTypes.None)
        {
            yield return Array(one);
        }

        if ((one.Types & JsonTypes.String) != JsonTypes.None)
        {
            yield return Text(one);
        }

        if ((one.Types & JsonTypes.Number) != JsonTypes.None)
        {
            yield return Number(one);
        }

        if ((one.Types & JsonTypes.Boolean) != JsonTypes.None)
        {
            yield return new LiteralNode([new LiteralAlternative("true"u8.ToArray()), new LiteralAlternative("false"u8.ToArray())]);
        }

        if ((one.Types & JsonTypes.Null) != JsonTypes.None)
        {
            yield return new LiteralNode("null"u8.ToArray());
        }
    }

    GrammarNode Object(SchemaCase one)
    {
        var isFree = one.PropertyRules.Count == 0 && one.Required.Count == 0;
        var names = Names(one);
        var known = one.KnownNames().ToList();
        var properties = known
            .Where(name => names is null || names.Accepts(name))
            .Select(name =>
                new ObjectProperty([.. Write(name), .. ": "u8], ValueOf(one.SchemasOf(name)), one.Required.Contains(name)))
            .ToList();
        if (properties.Count < known.Count && one.Required.Any(name => names?.Accepts(name) == false))
        {
            return new ChoiceNode([]);
        }

        if (properties.Count <= ObjectNode.MaxProperties)
        {
            return new ObjectNode(properties, Others(one, known, names, isFree), one.MinProperties, one.MaxProperties);
        }

        var isCounted = one.MinProperties > properties.Count(property => property.IsRequired) || one.MaxProperties < properties.Count;
        if (properties.Count <= MaxOrderedProperties && (_isLenient || !isCounted))
        {
            return OrderedObject(properties, Others(one, known, names, isFree));
        }

        return _isLenient
            ? AnyObject()
            : throw new NoosException(
                $"The schema has an object with {properties.Count} properties; at most {MaxOrderedProperties} are supported, and "
                + $"minProperties and maxProperties with at most {ObjectNode.MaxProperties}.");
    }

    static ObjectNode AnyObject() => new([], [new OtherProperty(StringNode.Any, AnyValue(AnyValueDepth))]);

    /// <summary>
    /// An object with more properties than a set of bits can hold: they come in the order of the schema, each at most once, and those that
    /// are required all come; others follow them.
    /// </summary>
    static LiteralNode OrderedObject(
        List<ObjectProperty> properties, List<OtherProperty> others)
    {
        // Others come last, so that only they and the end can follow one of them.
        RuleNode? afterOther = null;
        GrammarNode? other = null;
        if (others.Count > 0)
        {
            afterOther = new RuleNode();
            other = new ChoiceNode([.. others.Select(one => new SequenceNode(
                one.Key, new SequenceNode(new LiteralNode(": "u8.ToArray()), new SequenceNode(one.Value, afterOther))))]);
            afterOther.Target = new LiteralNode([new LiteralAlternative("}"u8.ToArray()), new LiteralAlternative(", "u8.ToArray(), other)]);
        }

        // From the last property to the first: what follows the value of one is known then.
        var tails = new GrammarNode[properties.Count];
        for (var index = properties.Count - 1; index >= 0; index--)
        {
            tails[index] = new SequenceNode(properties[index].Value, Next(index + 1, ", "u8.ToArray(), "}"u8.ToArray()));
        }

        return Next(0, "{"u8.ToArray(), "{}"u8.ToArray());

        LiteralNode Next(int from, byte[] separator, byte[] end)
        {
            var literals = new List<LiteralAlternative>();
            for (var index = from; index < properties.Count; index++)
            {
                literals.Add(new LiteralAlternative([.. separator, .. properties[index].Key], tails[index]));
                if (properties[index].IsRequired)
                {
                    return new LiteralNode(literals);
                }
            }

            literals.Add(new LiteralAlternative(end));
            if (other is not null)
            {
                literals.Add(new LiteralAlternative(separator, other));
            }

            return new LiteralNode(literals);
        }
    }

    /// <summary>Keys and values of properties that are not known by name.</summary>
    List<OtherProperty> Others(SchemaCase one, List<string> known, PatternAutomaton? names, bool isFree)
    {
        var others = new List<OtherProperty>();
        var patterns = one.PropertyRules.SelectMany(rule => rule.Patterns.Select(pattern => (Rule: rule, pattern.Names, pattern.Schema)))
            .ToList();
        var isOpen = isFree || one.PropertyRules.Any(rule => rule.Additional is not null);
        if (patterns.Count == 0)
        {
            var schemas = one.PropertyRules.Select(rule => rule.Additional).OfType<JsonElement>().ToList();
            if (isOpen && !schemas.Exists(schema => schema.ValueKind == JsonValueKind.False))
            {
                others.Add(new OtherProperty(OtherKey(known, names), ValueOf(schemas)));
            }

            return others;
        }

        for (var index = 0; index < patterns.Count; index++)
        {
            var (rule, keys, schema) = patterns[index];
            var schemas = one.PropertyRules.Where(other => other != rule)
                .Select(other => other.Additional)
                .OfType<JsonElement>()
                .Append(schema)
                .ToList();
            // Names that several patterns match would have to satisfy all of their schemas.
            if (!patterns.Where((_, other) => other != index).Any(other => !other.Names.Intersect(keys).IsEmpty)
                && !schemas.Exists(other => other.ValueKind == JsonValueKind.False))
            {
                others.Add(new OtherProperty(OtherKey(known, names is null ? keys : names.Intersect(keys)), ValueOf(schemas)));
            }
        }

        return others;
    }

    GrammarNode OtherKey(List<string> known, PatternAutomaton? names)
    {
        try
        {
            return Key(known, names);
        }
        catch (NoosException) when (_isLenient)
        {
            // A known property may then come twice, which the tool's own check sees.
            return names is null ? StringNode.Any : new PatternNode(names, 0, null);
        }
    }

    static GrammarNode Key(List<string> known, PatternAutomaton? names) => (known.Count, names) switch
    {
        (0, null) => StringNode.Any,
        (0, _) => new PatternNode(names, 0, null),
        (_, null) => new PatternNode(PatternAutomaton.AllBut(known), 0, null),
        _ => new PatternNode(PatternAutomaton.AllBut(known).Intersect(names), 0, null),
    };

    GrammarNode Array(SchemaCase one)
    {
        var (min, max) = (one.MinItems, one.MaxItems);
        if (max < min)
        {
            return new ChoiceNode([]);
        }

        if (one.HasDistinctItems && !(max <= 1))
        {
            return DistinctArray(one);
        }

        var first = Enumerable.Range(0, one.ItemRules.Select(rule => rule.First.Count).Append(0).Max())
            .Select(index => ValueOf(one.SchemasOfItem(index)))
            .ToList();
        var rest = one.ItemRules.Select(rule => rule.Others).OfType<JsonElement>().ToList();
        // Like properties, items beyond those described are written only where the schema speaks of them.
        var isClosed = rest.Exists(schema => schema.ValueKind == JsonValueKind.False)
            || (rest.Count == 0 && first.Count > 0 && min <= first.Count);
        return new ArrayNode(first, isClosed ? null : ValueOf(rest), min, max);
    }

    GrammarNode DistinctArray(SchemaCase one)
    {
        var items = _reader.Expand(one.SchemasOfItem(0));
        if (one.ItemRules.All(rule => rule.First.Count == 0)
            && items.TrueForAll(item => item.Literals is not null || item.Types == JsonTypes.Boolean))
        {
            var values = items.SelectMany(item => item.Literals ?? [JsonElement.Parse("true"), JsonElement.Parse("false")]);
            var literals = Written(values.Where((value, index) => !values.Take(index).Any(other => JsonElement.DeepEquals(other, value))));
            if (literals.Count <= DistinctArrayNode.MaxLiterals)
            {
                return new DistinctArrayNode(literals, one.MinItems, one.MaxItems ?? literals.Count);
            }
        }

        if (!_isLenient)
        {
            throw _reader.Unsupported("'uniqueItems' of items that are not from a short list");
        }

        one.HasDistinctItems = false;
        return Array(one);
    }

    GrammarNode Text(SchemaCase one)
    {
        if (one.MaxLength < one.MinLength)
        {
            return new ChoiceNode([]);
        }

        if (one.Patterns.Count == 0)
        {
            return new StringNode(one.MinLength, one.MaxLength);
        }

        try
        {
            var automaton = one.Patterns.Select(Automaton).Aggregate((all, next) => all.Intersect(next));
            return new PatternNode(automaton, one.MinLength, one.MaxLength);
        }
        catch (NoosException) when (_isLenient)
        {
            // Patterns that need too many states together, or with a length; the length alone can be kept.
            return new StringNode(one.MinLength, one.MaxLength);
        }
    }

    PatternAutomaton? Names(SchemaCase one)
    {
        try
        {
            return one.NamePatterns.Count == 0 ? null : one.NamePatterns.Select(Automaton).Aggregate((all, next) => all.Intersect(next));
        }
        catch (NoosException) when (_isLenient)
        {
            return null;
        }
    }

    static PatternAutomaton Automaton(string pattern) =>
        StringFormats.FindAutomaton(pattern) ?? PatternAutomaton.Compile(RegexSyntax.Parse(pattern));

    GrammarNode Number(SchemaCase one)
    {
        var isInteger = (one.Types & JsonTypes.Fractional) == JsonTypes.None;
        if (one.Min is null && one.Max is null && one.Multiples.Count == 0)
        {
            return new NumberNode(isInteger);
        }

        _exceedsDigits |= one.Min > LargestNumber || one.Max < -LargestNumber;
        // The digits behind the point: as usual, fewer where large bounds need the room, more where narrow ones have no number otherwise.
        var least = isInteger ? 0 : one.Multiples.Select(Scale).Append(0).Max();
        var first = isInteger ? 0 : Math.Max(Math.Min(DefaultFraction, Room(one)), least);
        for (var digits = first; digits <= BoundedNumberNode.MaxDigits; digits++)
        {
            var node = BoundedNumber(one, digits, isInteger);
            if (node is not null && node.HasText(_ => true))
            {
                return node;
            }

            if (isInteger)
            {
                break;
            }
        }

        // Bounds or multiples that no number with so few digits meets.
        return _isLenient && !(one.Min > one.Max) && !(one.Min == one.Max && (one.ExcludesMin || one.ExcludesMax))
            ? new NumberNode(isInteger)
            : new ChoiceNode([]);
    }

    static int Room(SchemaCase one)
    {
        var largest = Math.Max(Math.Abs(Clip(one.Min ?? 0)), Math.Abs(Clip(one.Max ?? 0)));
        var whole = 1;
        for (; largest >= 10; largest /= 10)
        {
            whole++;
        }

        return Math.Max(BoundedNumberNode.MaxDigits - whole - 1, 0);
    }

    static BoundedNumberNode? BoundedNumber(SchemaCase one, int digits, bool isInteger)
    {
        const decimal limit = LargestNumber;
        var scale = (decimal)Math.Pow(10, digits);
        var min = Clip(one.Min ?? decimal.MinValue, limit / scale) * scale;
        var max = Clip(one.Max ?? decimal.MaxValue, limit / scale) * scale;
        if (one.Min > limit / scale || one.Max < -limit / scale)
        {
            return null;
        }

        var low = decimal.Ceiling(min);
        var high = decimal.Floor(max);
        low += one.ExcludesMin && low == min ? 1 : 0;
        high -= one.ExcludesMax && high == max ? 1 : 0;
        var multiple = BigInteger.One;
        foreach (var value in one.Multiples)
        {
            // An integer is a multiple of 0.4 if ten times as much is one of 4: if it is one of 2.
            var unit = BigInteger.Pow(10, isInteger ? Scale(value) : 0);
            var scaled = value > limit / scale ? 0.5m : value * scale * (decimal)unit;
            if (scaled != decimal.Truncate(scaled))
            {
                return null;
            }

            var own = new BigInteger(scaled) / BigInteger.GreatestCommonDivisor(new BigInteger(scaled), unit);
            multiple = multiple / BigInteger.GreatestCommonDivisor(multiple, own) * own;
            if (multiple > new BigInteger(limit))
            {
                return null;
            }
        }

        return low <= high ? new BoundedNumberNode((long)low, (long)high, (long)multiple, digits) : null;
    }

    static int Scale(decimal value)
    {
        var digits = 0;
        for (; value != decimal.Truncate(value) && digits < 28; digits++)
        {
            value *= 10;
        }

        return digits;
    }

    static decimal Clip(decimal value, decimal limit = LargestNumber) => Math.Clamp(value, -limit, limit);

    GrammarNode ValueOf(List<JsonElement> schemas) => schemas.TrueForAll(IsAnything) ? AnyValue(AnyValueDepth) : Compile(schemas);

    static bool IsAnything(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.True || (schema.ValueKind == JsonValueKind.Object && !schema.EnumerateObject().Any());

    static ChoiceNode AnyValue(int depth)
    {
        List<GrammarNode> alternatives =
        [
            StringNode.Any,
            new NumberNode(isInteger: false),
            new LiteralNode([
                new LiteralAlternative("true"u8.ToArray()), new LiteralAlternative("false"u8.ToArray()),
                new LiteralAlternative("null"u8.ToArray()),
            ]),
        ];
        if (depth > 0)
        {
            var inner = AnyValue(depth - 1);
            alternatives.Add(new ArrayNode([], inner, 0, null));
            alternatives.Add(new ObjectNode([], [new OtherProperty(StringNode.Any, inner)]));
        }

        return new ChoiceNode(alternatives);
    }

    static List<byte[]> Written(IEnumerable<JsonElement> values) => [.. values.Select(value =>
    {
        var json = new StringBuilder();
        Write(json, value);
        return Encoding.UTF8.GetBytes(json.ToString());
    }).DistinctBy(Convert.ToHexString)];

    static void Write(StringBuilder json, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.Append('{');
                foreach (var (index, property) in value.EnumerateObject().Index())
                {
                    json.Append(index == 0 ? "" : ", ");
                    Write(json, property.Name);
                    json.Append(": ");
                    Write(json, property.Value);
                }

                json.Append('}');
                break;
            case JsonValueKind.Array:
                json.Append('[');
                foreach (var (index, item) in value.EnumerateArray().Index())
                {
                    json.Append(index == 0 ? "" : ", ");
                    Write(json, item);
                }

                json.Append(']');
                break;
            case JsonValueKind.String:
                Write(json, value.GetString()!);
                break;
            default:
                json.Append(value.GetRawText());
                break;
        }
    }

    static void Write(StringBuilder json, string text)
    {
        json.Append('"');
        foreach (var character in text)
        {
            _ = character switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                '\f' => json.Append("\\f"),
                '\b' => json.Append("\\b"),
                < ' ' => json.Append($"\\u{(int)character:x4}"),
                _ => json.Append(character),
            };
        }

        json.Append('"');
    }

    NoosException Contradiction(JsonElement schema)
    {
        var text = schema.GetRawText();
        var reason = _exceedsDigits
            ? $"a number that is written here has at most {BoundedNumberNode.MaxDigits} digits; give it bounds within them."
            : "its parts contradict each other; correct it.";
        return new($"No value can satisfy the schema {(text.Length > 120 ? text[..120] + "..." : text)}: {reason}");
    }
}
