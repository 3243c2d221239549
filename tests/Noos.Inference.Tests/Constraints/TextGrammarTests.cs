using System.Text.Json;
using System.Text.RegularExpressions;
using Noos.Core;
using Noos.Inference.Constraints;
using Noos.Inference.Generation;
using Noos.Inference.Sampling;
using Noos.Inference.Tests.Support;
using Noos.Language.Gguf;

namespace Noos.Inference.Tests.Constraints;

public sealed class TextGrammarTests
{
    /// <summary>Bytes that one hostile schema may allocate.</summary>
    const long MaxMemory = 64 << 20;

    const string Arithmetic =
        """
        # Sums in any depth.
        root ::= sum "\n"
        sum ::= product ([-+] product)*
        product ::= atom (
            "*" atom
          | "/" atom
        )*
        atom ::= [0-9]{1,3} | "(" sum ")"
        """;

    const string JsonText =
        """
        root ::= value
        value ::= object | array | string | number | "true" | "false" | "null"
        object ::= "{" ws (pair ("," ws pair)*)? "}" ws
        pair ::= string ":" ws value ws
        array ::= "[" ws (value ws ("," ws value ws)*)? "]" ws
        string ::= "\"" ([^"\\\x00-\x1F\x7F] | "\\" (["\\/bfnrt] | "u" [0-9a-cA-C] [0-9a-fA-F]{3}))* "\""
        number ::= "-"? ("0" | [1-9] [0-9]{0,8}) ("." [0-9]{1,5})? ([eE] [-+]? [0-9]{1,2})?
        ws ::= [ \t\n]{0,3}
        """;

    [Fact]
    public void What_is_written_for_500_schemas_parses_and_validates()
    {
        var unsupported = 0;
        for (var seed = 0; seed < 500; seed++)
        {
            var schema = new SchemaGenerator(seed).Generate();
            TextGrammar grammar;
            try
            {
                grammar = TextGrammar.FromJsonSchema(Vocabulary.Small, schema);
            }
            catch (NoosException e)
                when (e.Message.Contains("contradict", StringComparison.Ordinal) || e.Message.Contains("'oneOf'", StringComparison.Ordinal))
            {
                unsupported++;
                continue;
            }

            for (var round = 0; round < 2; round++)
            {
                var text = GrammarWriter.Write(
                    grammar, new Random((seed * 10) + round), isForcing: round == 0, what: $"seed {seed} {schema.GetRawText()}");
                using var value = JsonDocument.Parse(text);
                Assert.True(new JsonSchemaValidator(schema)
                    .FindFault(value.RootElement)
                        is null, $"seed {seed}: "
                            + $"{new JsonSchemaValidator(schema).FindFault(value.RootElement)}\n{text}\n{schema.GetRawText()}");
            }
        }

        Assert.InRange(unsupported, 0, 10);
    }

    [Fact]
    public void A_model_with_random_weights_writes_what_validates()
    {
        using var random = new RandomModel(RandomModel.TinyShape with { ContextLength = 512 }, GgufTensorType.F32);
        using var model = random.Load();
        var schema = Json(
            """{"type": "object", "properties": {"name": {"type": "string", "maxLength": 8}, "age": {"type": "integer", "minimum": 0, "maximum": 120}, "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "maxItems": 3}}, "required": ["name", "age", "tags"]}""");
        var grammar = TextGrammar.FromJsonSchema(model.Tokenizer, schema);
        using var context = model.CreateContext();
        for (var seed = 0ul; seed < 10; seed++)
        {
            var generator = new Generator();
            var tokens = generator.Generate(context, [1, 2, 3], new SamplingOptions { Seed = seed, Temperature = 1, MaxTokens = 400 },
                new GrammarConstraint(grammar), TestContext.Current.CancellationToken).ToArray();

            using var value = JsonDocument.Parse(model.Tokenizer.DecodeText(tokens));
            Assert.Null(new JsonSchemaValidator(schema).FindFault(value.RootElement));
        }
    }

    [Theory]
    [InlineData("""{"type": "integer", "minimum": -5, "maximum": 105}""", "[-5, 0, 7, 99, 105]", "[-6, 106, -0, 1.5, 007]")]
    [InlineData("""{"type": "integer", "minimum": 10, "multipleOf": 7}""", "[14, 21, 700]", "[7, 10, 15, -14]")]
    [InlineData("""{"type": "number", "exclusiveMinimum": 0, "maximum": 0.5}""", "[0.5, 0.25, 0.000001]", "[0, 0.0, 0.51, 1, -0.1]")]
    [InlineData("""{"type": "number", "multipleOf": 0.05, "minimum": 1}""", "[1, 1.05, 12.350]", "[0.95, 1.01]")]
    [InlineData("""{"type": "string", "pattern": "^a+b?$"}""", "[\"a\", \"aaab\"]", "[\"\", \"b\", \"abb\", \"aba\"]")]
    [InlineData("""{"type": "string", "pattern": "b"}""", "[\"b\", \"abc\", \"\\n\\\"b\"]", "[\"\", \"ac\"]")]
    [InlineData("""{"type": "string", "pattern": "^(ab)*$", "minLength": 3, "maxLength": 5}""", "[\"abab\"]", "[\"ab\", \"ababab\", \"\"]")]
    [InlineData("""{"type": "string", "pattern": "^[\\u00e0-\\u00ff\\u{1F600}]+$"}""", "[\"éü😀\"]", "[\"e\", \"😁\"]")]
    [InlineData("""{"type": "string", "format": "date"}""", "[\"2024-12-31\", \"1999-02-28\"]",
        "[\"2024-02-30\", \"2024-13-01\", \"24-01-01\"]")]
    [InlineData("""{"anyOf": [{"const": "abc"}, {"type": "string", "pattern": "^ab[x-z]$"}, {"enum": ["abcd", 1]}]}""",
        "[\"abc\", \"abcd\", \"abx\", 1]", "[\"ab\", \"abq\", 2]")]
    [InlineData("""{"enum": ["a", 5, null], "type": ["string", "null"]}""", "[\"a\", null]", "[5]")]
    [InlineData("""{"type": "array", "prefixItems": [{"const": 1}, {"type": "string"}], "items": {"type": "boolean"}}""",
        "[[], [1], [1, \"x\", true, false]]", "[[2], [1, 1], [1, \"x\", 1]]")]
    [InlineData("""{"type": "array", "items": {"enum": ["a", "b"]}, "uniqueItems": true, "minItems": 1}""", "[[\"a\"], [\"b\", \"a\"]]",
        "[[], [\"a\", \"a\"]]")]
    [InlineData("""{"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": {"type": "boolean"}}""",
        "[{}, {\"a\": 1}, {\"b\": true, \"a\": 1}, {\"aa\": false}]", "[{\"a\": true}, {\"b\": 1}]")]
    [InlineData("""{"type": "object", "properties": {"a": {}, "b": {}, "c": {}}, "required": ["c"], "minProperties": 2, "maxProperties": 2}""", "[{\"a\": 1, \"c\": 2}, {\"c\": 1, \"b\": 2}]", "[{\"c\": 1}, {\"a\": 1, \"b\": 1}, {\"a\": 1, \"b\": 1, \"c\": 1}]")]
    [InlineData("""{"type": "object", "patternProperties": {"^x": {"type": "integer"}}}""", "[{}, {\"x1\": 1, \"x2\": 2}]",
        "[{\"x1\": \"\"}]")]
    [InlineData("""{"$ref": "#/$defs/n", "$defs": {"n": {"type": "object", "properties": {"next": {"$ref": "#/$defs/n"}}}}}""",
        "[{}, {\"next\": {\"next\": {}}}]", "[{\"next\": 1}]")]
    [InlineData("""{"type": "object", "properties": {"a": {"type": "integer"}, "b": false}}""", "[{\"a\": 1}, {}]", "[{\"b\": 1}]")]
    [InlineData("""{"allOf": [{"properties": {"a": {"minimum": 3}}}, {"type": "object", "properties": {"a": {"type": "integer", "maximum": 4}}}]}""", "[{\"a\": 3}, {\"a\": 4}]", "[{\"a\": 5}, {\"a\": 2}]")]
    [InlineData("""{"oneOf": [{"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}, {"type": "object", "required": ["b"], "properties": {"b": {"type": "string"}}}]}""", "[{\"a\": \"\"}, {\"b\": \"\"}]", "[{}, {\"a\": \"\", \"b\": \"\"}]")]
    [InlineData("true", "[1, \"x\", [[]], {\"a\": {\"b\": null}}]", "[]")]
    public void A_schema_allows_what_validates_and_nothing_else(string schema, string allowed, string forbidden)
    {
        var grammar = TextGrammar.FromJsonSchema(Vocabulary.Small, Json(schema));

        Assert.All(Values(allowed), text => Assert.True(GrammarWriter.Allows(grammar, text), text));
        Assert.All(Values(forbidden), text => Assert.False(GrammarWriter.Allows(grammar, text), text));
    }

    [Theory]
    [InlineData("""{"type": "integer", "minimum": 5, "maximum": 4}""", "contradict")]
    [InlineData("""{"type": "integer", "minimum": 5, "maximum": 6, "multipleOf": 7}""", "contradict")]
    [InlineData("""{"allOf": [{"type": "string"}, {"type": "integer"}]}""", "contradict")]
    [InlineData("""{"type": "string", "minLength": 4, "maxLength": 3}""", "maxLength")]
    [InlineData("""{"type": "string", "pattern": "^(aa)*$", "minLength": 3, "maxLength": 3}""", "contradict")]
    [InlineData("""{"const": "x", "maxLength": 0}""", "contradict")]
    [InlineData("""{"type": "object", "required": ["a"], "properties": {"a": false}}""", "contradict")]
    [InlineData("""{"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#"}}}""", "contradict")]
    [InlineData("false", "contradict")]
    [InlineData("""{"type": "integer", "minimum": 1000000000000000000}""", "at most 18 digits")]
    [InlineData("""{"type": "number", "maximum": -1e30}""", "at most 18 digits")]
    [InlineData("""{"$ref": "#"}""", "itself")]
    [InlineData("""{"$ref": "#/$defs/missing"}""", "nothing")]
    [InlineData("""{"$ref": "https://example.org/schema"}""", "nothing")]
    [InlineData("""{"not": {"type": "string"}}""", "'not'")]
    [InlineData("""{"if": {}, "then": {}}""", "'if'")]
    [InlineData("""{"oneOf": [{"type": "integer"}, {"type": "number"}]}""", "'oneOf'")]
    [InlineData("""{"type": "array", "uniqueItems": true, "items": {"type": "integer"}}""", "'uniqueItems'")]
    [InlineData("""{"type": "text"}""", "text")]
    [InlineData("""{"type": "string", "pattern": "(?=a)b"}""", "look")]
    [InlineData("""{"type": "string", "pattern": "(a)\\1"}""", "back-references")]
    [InlineData("""{"type": "string", "pattern": "(a"}""", "parenthesis")]
    [InlineData("""{"type": "string", "pattern": "((a{9999}){9999}){9999}"}""", "states")]
    [InlineData("""{"type": "string", "pattern": "(.*a.{30}){2}"}""", "states")]
    [InlineData("""{"minLength": "x"}""", "minLength")]
    [InlineData("5", "schema")]
    public void A_schema_that_cannot_be_enforced_is_refused_with_the_reason(string schema, string reason)
    {
        var exception = Assert.Throws<NoosException>(() => TextGrammar.FromJsonSchema(Vocabulary.Small, Json(schema)));

        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_schemas_are_read_or_refused()
    {
        string[] schemas =
        [
            $$"""{"anyOf": [{{string.Join(",", Enumerable.Repeat("{\"anyOf\": [{\"minimum\": 1}, {\"maximum\": 2}]}", 3000))}}]}""",
            $$"""{"allOf": [{{string.Join(",", Enumerable.Repeat("{\"anyOf\": [{\"minLength\": 1}, {\"maxLength\": 2}]}", 60))}}]}""",
            $$"""{"properties": { {{string.Join(",", Enumerable.Range(0, 5000).Select(index => $"\"p{index}\": {{}}"))}} }, "type": "object"}""",
            """{"$defs": {"a": {"properties": {"x": {"allOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/b"}]}}}, "b": {"properties": {"x": {"allOf": [{"$ref": "#/$defs/a"}, {"properties": {"x": {"$ref": "#/$defs/b"}}}]}}}}, "$ref": "#/$defs/a", "type": "object"}""",
            """{"type": "string", "minLength": 1000000000, "maxLength": 2000000000}""",
            """{"type": "array", "minItems": 1000000000, "items": {}}""",
            """{"type": "string", "pattern": "^(a?){10000}$"}""",
            """{"type": "string", "pattern": "(x+x+)+y"}""",
        ];
        foreach (var schema in schemas)
        {
            try
            {
                var constraint = new GrammarConstraint(TextGrammar.FromJsonSchema(Vocabulary.Small, Json(schema)));
                constraint.Mask(new float[Vocabulary.Small.VocabularySize]);
            }
            catch (NoosException)
            {
            }
        }
    }

    [Fact]
    public void Mutated_schemas_give_a_grammar_or_a_clear_refusal()
    {
        for (var seed = 0; seed < 20_000; seed++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var random = new Random(seed);
            var text = new SchemaGenerator(seed).Generate().GetRawText();
            var other = new SchemaGenerator(seed + 1).Generate().GetRawText();
            string[] words = ["type", "items", "pattern", "minimum", "maxLength", "required", "properties", "anyOf", "$ref", "enum",
                "additionalProperties", "1e400", "-1", "null", "[]", "{}", "\"#\"", "\"^(a\""];
            for (var change = 0; change < 2; change++)
            {
                // Swaps keywords and values, so that it mostly stays JSON.
                var matches = Regex.Matches(text, "\"[^\"]*\"|-?\\d+", RegexOptions.None, TimeSpan.FromSeconds(5));
                if (matches.Count > 0)
                {
                    var match = matches[random.Next(matches.Count)];
                    var word = random.Next(3) == 0 ? other : words[random.Next(words.Length)];
                    text = text[..match.Index] + (char.IsAsciiLetter(word[0]) && word != "null" ? $"\"{word}\"" : word)
                        + text[(match.Index + match.Length)..];
                }
            }

            try
            {
                var constraint = new GrammarConstraint(TextGrammar.FromJsonSchema(Vocabulary.Small, Json(text)));
                if (seed % 20 == 0)
                {
                    constraint.Mask(new float[Vocabulary.Small.VocabularySize]);
                }
            }
            catch (Exception e) when (e is NoosException or JsonException)
            {
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxMemory);
        }
    }

    [Theory]
    [InlineData(Arithmetic, "1+2*(3-40/(5))\n", "1+\n")]
    [InlineData(JsonText, "{\"a\": [1, -2.5e3, {\"b\": \"\\u00e9\\n😀\"}], \"\": null}", "{\"a\": 01}")]
    [InlineData("root ::= [^a-c]+ | \"abc\"", "xyzé", "xa")]
    [InlineData("root ::= (\"a\"? \"b\"?){2,4} \"!\"", "abab!", "aaaaa!")]
    [InlineData("root ::= (\"a\"*)* \"b\"", "aaab", "c")]
    [InlineData("root ::= x x x\nx ::= \"a\" | \"a\" \"a\"", "aaaa", "aa")]
    [InlineData("root ::= \"(\" root \")\" | \"\"", "((()))", "(()")]
    [InlineData("root ::= [ぁ-ゟ]+ \"\\u3002\" .{1,2}", "こんにちは。😀\n", "漢。a")]
    [InlineData("root ::= a-b_1 # comment\n\na-b_1 ::=\n  \"x\" |\n  \"y\"\n", "y", "z")]
    public void A_grammar_allows_its_texts_and_no_others(string gbnf, string allowed, string forbidden)
    {
        var grammar = TextGrammar.ParseGbnf(Vocabulary.Small, gbnf);

        Assert.True(GrammarWriter.Allows(grammar, allowed));
        Assert.False(GrammarWriter.Allows(grammar, forbidden));
    }

    [Fact]
    public void What_is_written_for_a_grammar_is_of_its_language()
    {
        var json = TextGrammar.ParseGbnf(Vocabulary.Small, JsonText);
        var sums = TextGrammar.ParseGbnf(Vocabulary.Small, Arithmetic);
        for (var seed = 0; seed < 200; seed++)
        {
            using var value = JsonDocument.Parse(GrammarWriter.Write(json, new Random(seed), isForcing: seed % 2 == 0));
            var sum = GrammarWriter.Write(sums, new Random(seed), isForcing: seed % 2 == 0);
            Assert.Matches(@"^(\(*\d{1,3}\)*[-+*/])*\(*\d{1,3}\)*\n\z", sum);
            Assert.Equal(sum.Count(letter => letter == '('), sum.Count(letter => letter == ')'));
        }
    }

    [Theory]
    [InlineData("", "root")]
    [InlineData("rot ::= \"a\"", "root")]
    [InlineData("root ::= a", "'a'")]
    [InlineData("root ::= root \"a\" | \"b\"", "begins with itself")]
    [InlineData("root ::= a\na ::= \"\" b\nb ::= a \"x\" | \"y\"", "begins with itself")]
    [InlineData("root ::= \"a\" root", "never ends")]
    [InlineData("root ::= \"a", "Line 1")]
    [InlineData("root ::= \"a\"\nroot ::= \"b\"", "Line 2")]
    [InlineData("root ::= [a", "Line 1")]
    [InlineData("root ::= [z-a]", "wrong way")]
    [InlineData("root ::= \"a\"{3,2}", "wrong way")]
    [InlineData("root ::= \"a\"{999999999}", "repetition")]
    [InlineData("root ::= \"\\q\"", "escape")]
    [InlineData("root ::= (\"a\"", "parenthesis")]
    [InlineData("root ::= \"a\")", "Line 1")]
    [InlineData("root = \"a\"", "::=")]
    public void A_broken_grammar_is_refused_with_the_reason(string gbnf, string reason)
    {
        var exception = Assert.Throws<NoosException>(() => TextGrammar.ParseGbnf(Vocabulary.Small, gbnf));

        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("root ::= ((((((\"a\"?){1000}){1000}){1000}){1000}){1000}){1000}")]
    [InlineData("root ::= s\ns ::= \"a\" s s | \"a\" s | \"a\"")]
    [InlineData("root ::= (\"a\" | \"a\" \"a\" | \"a\" \"a\" \"a\")* x\nx ::= (\"a\" x \"b\" | \"a\" x \"c\" | \"a\" x \"d\" | \"\")")]
    [InlineData("root ::= (\"a\"*)* (\"a\"*)* (\"a\"*)* (\"a\"* \"a\"*){100000} \"b\"")]
    public void Hostile_grammars_are_read_or_refused(string gbnf)
    {
        try
        {
            var constraint = new GrammarConstraint(TextGrammar.ParseGbnf(Vocabulary.Small, gbnf));
            var logits = new float[Vocabulary.Small.VocabularySize];
            foreach (var token in Vocabulary.Small.Encode(new string('a', 300)))
            {
                constraint.Mask(logits);
                constraint.Accept(token);
            }
        }
        catch (Exception e) when (e is NoosException or ArgumentException)
        {
        }
    }

    [Theory]
    [InlineData("root ::= ((\"a\"{1000}){1000}){1000}")]
    [InlineData("root ::= \"word \"{100000}")]
    [InlineData("root ::= a a\na ::= b b\nb ::= c c\nc ::= d d\nd ::= e e\ne ::= f f\nf ::= g g\ng ::= h h\nh ::= i i\n"
        + "i ::= j j\nj ::= k k\nk ::= l l\nl ::= m m\nm ::= n n\nn ::= o o\no ::= \"x\" p\np ::= q q\nq ::= r r\nr ::= s s\ns ::= \"y\"")]
    public void Text_without_end_that_must_follow_comes_in_small_pieces(string gbnf)
    {
        var constraint = new GrammarConstraint(TextGrammar.ParseGbnf(Vocabulary.Small, gbnf));
        var logits = new float[Vocabulary.Small.VocabularySize];
        var forced = new List<int>();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var step = 0; step < 30; step++)
        {
            forced.Clear();
            constraint.Force(forced);
            Assert.InRange(forced.Count, 0, 512);
            if (forced.Count == 0)
            {
                Array.Clear(logits);
                constraint.Mask(logits);
                forced.Add(Array.FindIndex(logits, logit => !float.IsNegativeInfinity(logit)));
            }

            forced.ForEach(constraint.Accept);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxMemory);
    }

    [Fact]
    public void Long_text_that_must_follow_has_the_tokens_that_the_whole_text_has()
    {
        var text = string.Join(' ', Enumerable.Range(0, 700).Select(number => $"the answer {number} is, of course, right;"));
        var constraint = new GrammarConstraint(TextGrammar.ParseGbnf(Vocabulary.Small, $"root ::= \"{text}\""));
        var tokens = new List<int>();
        while (!constraint.IsComplete)
        {
            var forced = new List<int>();
            constraint.Force(forced);
            Assert.NotEmpty(forced);
            forced.ForEach(constraint.Accept);
            tokens.AddRange(forced);
        }

        Assert.Equal(Vocabulary.Small.Encode(text), tokens);
    }

    [Fact]
    public void Mutated_grammars_give_a_grammar_or_a_clear_refusal()
    {
        string[] pieces = [
            "::=", "|", "(", ")", "\"", "[", "]", "*", "+", "?", "{2}", "{1,}", "root", "ws", "\n", "\\", "^", "-", "#", ".", "\ud83d"];
        for (var seed = 0; seed < 10_000; seed++)
        {
            var random = new Random(seed);
            var text = seed % 2 == 0 ? Arithmetic : JsonText;
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var at = random.Next(text.Length);
                text = random.Next(2) == 0
                    ? text.Remove(at, Math.Min(random.Next(1, 6), text.Length - at))
                    : text.Insert(at, pieces[random.Next(pieces.Length)]);
            }

            try
            {
                var constraint = new GrammarConstraint(TextGrammar.ParseGbnf(Vocabulary.Small, text));
                if (seed % 20 == 0)
                {
                    constraint.Mask(new float[Vocabulary.Small.VocabularySize]);
                }
            }
            catch (NoosException)
            {
            }
        }
    }

    /// <summary>The elements of a list as they are written in it.</summary>
    static IEnumerable<string> Values(string list)
    {
        var depth = 0;
        var isText = false;
        var start = 1;
        for (var index = 1; index < list.Length; index++)
        {
            var isEscaped = list[index - 1] == '\\' && isText;
            isText ^= list[index] == '"' && !isEscaped;
            if (!isText && depth == 0 && list[index] is ',' or ']' && !(list[index] == ']' && index < list.Length - 1))
            {
                if (index > start)
                {
                    yield return list[start..index].Trim();
                }

                start = index + 1;
            }
            else if (!isText)
            {
                depth += list[index] is '[' or '{' ? 1 : list[index] is ']' or '}' ? -1 : 0;
            }
        }
    }

    static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
