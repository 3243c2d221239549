using System.Globalization;
using System.Text;
using System.Text.Json;
using Noos.Core;
using Noos.Inference.Constraints;
using Noos.Inference.Sampling;
using Noos.Inference.Tests.Support;
using Noos.Inference.ToolCalls;
using Noos.Language.Tokenization;

namespace Noos.Inference.Tests.ToolCalls;

public sealed class ToolCallConstraintTests
{
    static readonly Tokenizer s_tokenizer = Vocabulary.Small;

    static readonly ToolSignature[] s_tools =
    [
        new("calculator",
            Json("""{"type": "object", "properties": {"expression": {"type": "string", "maxLength": 20}}, "required": ["expression"], "additionalProperties": false}""")),
        new("calendar", Json("""{"type": "object", "properties": {}}""")),
        new("weather", Json("""
            {"type": "object", "required": ["city", "days"], "properties": {
              "city": {"type": "string", "minLength": 2, "maxLength": 6},
              "days": {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 3},
              "unit": {"enum": ["celsius", "fahrenheit", "c", 1, 12, null]},
              "metric": {"type": "boolean"},
              "factor": {"type": "number"},
              "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
              "maybe": {"type": ["integer", "null"]},
              "place": {"type": "object", "required": ["lat"], "properties": {"lat": {"type": "number"}, "lat_name": {"type": "string", "maxLength": 3}}}}}
            """)),
        new("free \"form\"", Json("""{"type": "object", "additionalProperties": {"type": "integer"}}""")),
        new("anything",
            Json("""{"type": "object", "required": ["it"], "properties": {"it": {}, "list": {"type": "array", "maxItems": 0, "items": {}}}}""")),
    ];

    static readonly ToolCallGrammar s_grammar = new(s_tokenizer, s_tools);
    static readonly int s_start = Special("<tool_call>");
    static readonly int s_end = Special("</tool_call>");

    [Fact]
    public void Random_logits_always_give_a_call_that_parses_and_validates()
    {
        var called = new HashSet<string>();
        for (var seed = 0; seed < 1_000; seed++)
        {
            var random = new Random(seed);
            var text = Generate(new ToolCallConstraint(s_grammar, ToolChoice.Required), random, isForcing: seed % 2 == 0, out _);

            using var call = JsonDocument.Parse(text);
            Assert.StartsWith("\n{\"name\": \"", text, StringComparison.Ordinal);
            Assert.EndsWith("}\n", text, StringComparison.Ordinal);
            var tool = s_tools.Single(tool => tool.Name == call.RootElement.GetProperty("name").GetString());
            SchemaValidator.Validate(call.RootElement.GetProperty("arguments"), tool.Schema);
            called.Add(tool.Name);
        }

        Assert.Equal(s_tools.Length, called.Count);
    }

    [Theory]
    [InlineData("""{"name": "calculator", "arguments": {"expression": "48*37+5"}}""")]
    [InlineData("""{"name": "calculator", "arguments": {"expression": ""}}""")]
    [InlineData("""{"name": "calculator", "arguments": {"expression": "a \"b\" \\ \u00e9é🙂"}}""")]
    [InlineData("""{"name": "calendar", "arguments": {}}""")]
    [InlineData("""{"name": "weather", "arguments": {"city": "Zürich", "days": [1, 20, -3], "metric": true}}""")]
    [InlineData("""{"name": "weather", "arguments": {"days": [0], "place": {"lat_name": "no", "lat": -1.5e-7}, "unit": 12, "city": "Ür", "factor": 0, "note": null, "maybe": 7}}""")]
    [InlineData("""{"name": "free \"form\"", "arguments": {"a": 1, "b": 2}}""")]
    [InlineData("""{"name": "anything", "arguments": {"it": [{"deep": [true, null]}, 1.25], "list": []}}""")]
    public void A_call_the_model_wants_passes_with_the_tokens_it_learnt(string call)
    {
        var wanted = s_tokenizer.Encode($"\n{call}\n");
        foreach (var isForcing in new[] { false, true })
        {
            var constraint = new ToolCallConstraint(s_grammar);
            constraint.Accept(s_start);
            var written = new List<int>();
            while (written.Count < wanted.Length)
            {
                var forced = new List<int>();
                if (isForcing)
                {
                    constraint.Force(forced);
                }

                if (forced.Count == 0)
                {
                    var logits = new float[s_tokenizer.VocabularySize];
                    constraint.Mask(logits);
                    Assert.Equal(0, logits[wanted[written.Count]]);
                    forced.Add(wanted[written.Count]);
                }

                foreach (var token in forced)
                {
                    constraint.Accept(token);
                    written.Add(token);
                }

                Assert.Equal(wanted.Take(written.Count), written);
            }

            var rest = new List<int>();
            constraint.Force(rest);
            Assert.Equal([s_end], rest);
        }
    }

    [Fact]
    public void Text_that_has_one_continuation_is_forced_without_the_model()
    {
        var constraint = new ToolCallConstraint(s_tokenizer, [s_tools[0]], ToolChoice.Required);
        var tokens = new List<int>();
        constraint.Force(tokens);
        Assert.Equal([s_start], tokens);
        constraint.Accept(s_start);
        tokens.Clear();

        constraint.Force(tokens);

        // The quote that opens the expression is left to the model: it may be one token with what follows.
        Assert.StartsWith(
            "\n{\"name\": \"calculator\", \"arguments\": {\"expression\":", s_tokenizer.DecodeText([.. tokens]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ToolChoice.Auto, true)]
    [InlineData(ToolChoice.None, false)]
    public void Free_text_allows_everything_but_the_layout_of_conversations(ToolChoice choice, bool mayCall)
    {
        var constraint = new ToolCallConstraint(s_grammar, choice);
        var logits = new float[s_tokenizer.VocabularySize];
        constraint.Mask(logits);

        string[] forbidden = ["</tool_call>", "<|im_start|>", "<tool_response>", "</tool_response>", .. mayCall
            ? Array.Empty<string>()
            : ["<tool_call>"]];
        Assert.Equal(forbidden.Select(Special)
            .Order(), Enumerable.Range(0, logits.Length)
            .Where(token => float.IsNegativeInfinity(logits[token])));
    }

    [Fact]
    public void After_a_call_the_model_may_end_or_call_again()
    {
        var constraint = new ToolCallConstraint(s_grammar, ToolChoice.Required);
        foreach (var token in (int[])[s_start, .. s_tokenizer.Encode("\n{\"name\": \"calendar\", \"arguments\": {}}\n"), s_end])
        {
            constraint.Accept(token);
        }

        var logits = new float[s_tokenizer.VocabularySize];
        constraint.Mask(logits);

        Assert.Equal(0, logits[s_tokenizer.EndOfTurn]);
        Assert.Equal(0, logits[s_start]);
    }

    [Fact]
    public void Without_tools_no_call_is_allowed()
    {
        var constraint = new ToolCallConstraint(s_tokenizer, []);
        var logits = new float[s_tokenizer.VocabularySize];
        constraint.Mask(logits);

        Assert.True(float.IsNegativeInfinity(logits[s_start]));
        Assert.Throws<ArgumentException>(() => new ToolCallConstraint(s_tokenizer, [], ToolChoice.Required));
    }

    [Theory]
    [InlineData("""{"type": "string"}""", "object")]
    [InlineData("""{"type": "object", "properties": {"a": {"type": "text"}}}""", "text")]
    [InlineData("""{"type": "object", "properties": {"a": {"type": "string", "minLength": 5, "maxLength": 4}}}""", "maxLength")]
    [InlineData("""{"type": "object", "properties": {"a": {"type": "array", "items": {}, "minItems": 5, "maxItems": 4}}}""", "maxItems")]
    public void A_schema_that_cannot_be_met_names_the_tool(string schema, string reason)
    {
        var e = Assert.Throws<NoosException>(() => new ToolCallGrammar(s_tokenizer, [new ToolSignature("broken", Json(schema))]));

        Assert.Contains("broken", e.Message, StringComparison.Ordinal);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type": "string", "pattern": "^(?!a)b$"}""")]
    [InlineData("""{"type": "string", "pattern": "\\bfoo\\b"}""")]
    [InlineData("""{"type": "string", "pattern": "^\\p{L}+$"}""")]
    [InlineData("""{"type": "string", "pattern": "(a)\\1"}""")]
    [InlineData("""{"type": "string", "pattern": "(?i)abc", "maxLength": 9}""")]
    [InlineData("""{"type": "string", "pattern": "^(a|b){1000}(a|b){1000}$", "minLength": 3, "maxLength": 4}""")]
    [InlineData("""{"type": "object", "patternProperties": {"^(?!x)": {"type": "integer"}}, "additionalProperties": false}""")]
    [InlineData("""{"type": "object", "propertyNames": {"pattern": "^(?=a)"}, "additionalProperties": {"type": "integer"}}""")]
    [InlineData("""{"$ref": "#/properties/free"}""")]
    [InlineData("""{"type": "number", "multipleOf": 0.0000000000000000000001}""")]
    public void A_part_that_cannot_be_enforced_is_left_free_and_the_rest_is_enforced(string part)
    {
        var schema = Json($$$"""
            {"type": "object", "properties": {"free": {{{part}}}, "unit": {"enum": ["deg", "rad"]}}, "required": ["unit"],
             "additionalProperties": false}
            """);
        var grammar = new ToolCallGrammar(s_tokenizer, [s_tools[0], new ToolSignature("partly", schema)]);

        // Every call of some random ones has what can be enforced.
        for (var seed = 0; seed < 12; seed++)
        {
            using var call = JsonDocument.Parse(Generate(new ToolCallConstraint(grammar, ToolChoice.Required), new Random(seed), true, out _));
            if (call.RootElement.GetProperty("name").GetString() == "partly")
            {
                Assert.Contains(
                    call.RootElement.GetProperty("arguments").GetProperty("unit").GetString(), (string[])["deg", "rad"]);
            }
        }
    }

    [Fact]
    public void A_strict_tool_is_refused_where_its_schema_cannot_be_enforced()
    {
        var schema = Json("""{"type": "object", "properties": {"a": {"type": "string", "pattern": "^(?!a)b$"}}}""");

        var refusal = Assert.Throws<NoosException>(
            () => new ToolCallGrammar(s_tokenizer, [new ToolSignature("exact", schema, IsStrict: true)]));

        Assert.Contains("exact", refusal.Message, StringComparison.Ordinal);
        Assert.NotNull(new ToolCallGrammar(s_tokenizer, [new ToolSignature("exact", schema)]));
    }

    [Theory]
    [InlineData(41)]
    [InlineData(300)]
    [InlineData(1200)]
    public void Objects_with_many_properties_are_written_in_the_order_of_the_schema(int count)
    {
        var properties = string.Join(", ", Enumerable.Range(0, count).Select(index => $"\"field_{index}\": {{\"type\": \"boolean\"}}"));
        var schema = Json($$"""{"type": "object", "properties": { {{properties}} }, "required": ["field_7", "field_40"]}""");
        var grammar = new ToolCallGrammar(s_tokenizer, [new ToolSignature("many", schema)]);

        for (var seed = 0; seed < 5; seed++)
        {
            using var call = JsonDocument.Parse(Generate(new ToolCallConstraint(grammar, ToolChoice.Required), new Random(seed), true, out _));
            var arguments = call.RootElement.GetProperty("arguments");
            if (count > 1000)
            {
                // More than any tool has: any object.
                Assert.Equal(JsonValueKind.Object, arguments.ValueKind);
                continue;
            }

            int[] written = [.. arguments.EnumerateObject().Select(field => int.Parse(field.Name.Split('_')[1], CultureInfo.InvariantCulture))];
            Assert.Equal(written.Distinct().Order(), written);
            Assert.Contains(7, written);
            Assert.Contains(40, written);
            Assert.All(arguments.EnumerateObject(), field => Assert.True(field.Value.ValueKind is JsonValueKind.True or JsonValueKind.False));
        }
    }

    [Fact]
    public void A_schema_that_says_nothing_still_asks_for_an_object()
    {
        var constraint = new ToolCallConstraint(s_tokenizer, [new ToolSignature("any", Json("{}"))], ToolChoice.Required);

        using var call = JsonDocument.Parse(Generate(constraint, new Random(1), isForcing: true, out _));

        Assert.Equal(JsonValueKind.Object, call.RootElement.GetProperty("arguments").ValueKind);
    }

    [Fact]
    public void Two_tools_of_one_name_are_refused() =>
        Assert.Throws<NoosException>(() => new ToolCallGrammar(s_tokenizer, [s_tools[0], s_tools[0]]));

    [Fact]
    public void Any_schema_gives_a_grammar_or_a_clear_refusal()
    {
        string[] words = ["type", "object", "array", "string", "integer", "properties", "required", "items", "enum", "const", "anyOf",
            "minItems", "maxLength", "a"];
        for (var seed = 0; seed < 10_000; seed++)
        {
            var random = new Random(seed);
            string Value(int depth) => random.Next(depth > 3 ? 4 : 6) switch
            {
                0 => random.Next(-2, 5).ToString(),
                1 or 2 => $"\"{words[random.Next(words.Length)]}\"",
                3 => random.Next(2) == 0 ? "null" : "true",
                4 => $"[{string.Join(", ", Enumerable.Range(0, random.Next(3)).Select(_ => Value(depth + 1)))}]",
                _ => $"{{{string.Join(", ", words.OrderBy(_ => random.Next()).Take(random.Next(4)).Select(word => $"\"{word}\": {Value(depth + 1)}"))}}}",
            };

            try
            {
                var constraint = new GrammarConstraint(TextGrammar.FromJsonSchema(s_tokenizer, Json(Value(0))));
                if (seed % 20 == 0)
                {
                    constraint.Mask(new float[s_tokenizer.VocabularySize]);
                }
            }
            catch (NoosException)
            {
            }
        }
    }

    [Theory]
    [InlineData("""{"type": "integer"}""")]
    [InlineData("""{"type": "object", "properties": {"a": {"type": "string", "maxLength": 5}, "b": {"type": "number"}}, "required": ["b"]}""")]
    [InlineData("""{"type": "array", "items": {"type": "boolean"}, "maxItems": 4}""")]
    [InlineData("""{"enum": ["yes", "no", 1, 10, 100]}""")]
    public void Whole_answers_follow_a_schema(string schema)
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var constraint = new GrammarConstraint(TextGrammar.FromJsonSchema(s_tokenizer, Json(schema)));
            var text = Generate(constraint, new Random(seed), isForcing: seed % 2 == 0, out var tokens);
            SchemaValidator.Validate(Json(text), Json(schema));
            Assert.DoesNotContain(tokens, s_tokenizer.IsSpecial);
        }
    }

    /// <summary>Random logits, with a taste for quotes and brackets so that strings and lists come to an end.</summary>
    static string Generate(ITokenConstraint constraint, Random random, bool isForcing, out List<int> tokens)
    {
        var sampler = new Sampler(new SamplingOptions { Temperature = 1, Seed = (ulong)random.Next() });
        var logits = new float[s_tokenizer.VocabularySize];
        tokens = [];
        var forced = new List<int>();
        while (!constraint.IsComplete && !tokens.Contains(s_end))
        {
            Assert.True(tokens.Count < 20_000, "The text does not end.");
            forced.Clear();
            if (isForcing)
            {
                constraint.Force(forced);
            }

            if (forced.Count == 0)
            {
                for (var token = 0; token < logits.Length; token++)
                {
                    logits[token] = (float)(random.NextDouble() * 6) + (s_tokenizer.BytesOf(token).IndexOfAny("\"]}"u8) >= 0 ? 5 : 0);
                }

                constraint.Mask(logits);
                forced.Add(sampler.Sample(logits));
                if (s_tokenizer.EndsGeneration(forced[0]))
                {
                    break;
                }
            }

            foreach (var token in forced)
            {
                constraint.Accept(token);
                tokens.Add(token);
            }
        }

        return new UTF8Encoding(false, throwOnInvalidBytes: true)
            .GetString(s_tokenizer.Decode([.. tokens.Where(token => token != s_start && token != s_end)]));
    }

    static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    static int Special(string name) => s_tokenizer.TryGetSpecial(name, out var token) ? token : throw new ArgumentException(name);
}
