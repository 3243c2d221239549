using System.Text.Json;
using Noos.Inference.Sampling;
using Noos.Inference.Tests.Support;
using Noos.Inference.ToolCalls;
using Noos.Language.Tokenization;

namespace Noos.Inference.Tests.ToolCalls;

/// <summary>Tool calls as several families of models write them: recognized by the template, read, and always well-formed.</summary>
public sealed class ToolCallNotationTests
{
    static readonly ToolSignature[] s_tools =
    [
        new("get", Json(
            """{"type": "object", "properties": {"city": {"type": "string", "maxLength": 8}, "days": {"type": "integer", "minimum": 1, "maximum": 9}}, "required": ["city"]}""")),
        new("get_weather", Json("""
            {"type": "object", "required": ["unit", "flags"], "properties": {
              "unit": {"enum": ["celsius", "fahrenheit"]}, "flags": {"type": "array", "items": {"type": "boolean"}, "maxItems": 2},
              "note": {"type": ["string", "null"], "maxLength": 6}, "place": {"type": "object", "properties": {"lat": {"type": "number"}}, "required": ["lat"]}}}
            """)),
        new("now", Json("""{"type": "object", "properties": {}}""")),
    ];

    /// <summary>How each family's template writes a call, and a call of ours in its notation.</summary>
    public static TheoryData<string, string, string> Families() => new()
    {
        { "Hermes", "<tool_call>\n{\"name\": \"{{ call.name }}\", \"arguments\": {{ call.arguments | tojson }}}\n</tool_call>",
            "<tool_call>\n{\"name\": \"get\", \"arguments\": {\"city\": \"Oslo\", \"days\": 3}}\n</tool_call>" },
        { "Mistral", "[TOOL_CALLS][{\"name\": \"{{ call.name }}\", \"arguments\": {{ call.arguments | tojson }}, \"id\": \"abcdefghi\"}]",
            "[TOOL_CALLS][{\"name\": \"get\", \"arguments\": {\"city\": \"Oslo\", \"days\": 3}, \"id\": \"123456789\"}]" },
        { "Mistral", "[TOOL_CALLS]{{ call.name }}[ARGS]{{ call.arguments | tojson }}",
            "[TOOL_CALLS]get[ARGS]{\"city\": \"Oslo\", \"days\": 3}" },
        { "Mistral", "[TOOL_CALLS]{{ call.name }}[CALL_ID]abcdefghi[ARGS]{{ call.arguments | tojson }}",
            "[TOOL_CALLS]get[CALL_ID]123456789[ARGS]{\"city\": \"Oslo\", \"days\": 3}" },
        { "Llama", "{\"name\": \"{{ call.name }}\", \"parameters\": {{ call.arguments | tojson }}}<|eot_id|>",
            "{\"name\": \"get\", \"parameters\": {\"city\": \"Oslo\", \"days\": 3}}" },
        { "Llama", "{\"name\": \"{{ call.name }}\", \"parameters\": {{ call.arguments | tojson }}}<|eot_id|>",
            "<|python_tag|>{\"name\": \"get\", \"parameters\": {\"city\": \"Oslo\", \"days\": 3}}" },
        { "GLM", "<tool_call>{{ call.name }}\n{% for k, v in call.arguments.items() %}<arg_key>{{ k }}</arg_key>\n<arg_value>{{ v "
            + "}}</arg_value>\n{% endfor %}</tool_call>",
            "<tool_call>get\n<arg_key>days</arg_key>\n<arg_value>3</arg_value>\n<arg_key>city</arg_key>\n<arg_value>Oslo</arg_value>\n</tool_call>" },
        { "GLM", "<tool_call>{{ call.name }}{% for k, v in call.arguments.items() %}<arg_key>{{ k }}</arg_key><arg_value>{{ v "
            + "}}</arg_value>{% endfor %}</tool_call>",
            "<tool_call>get<arg_key>city</arg_key><arg_value>Oslo</arg_value><arg_key>days</arg_key><arg_value>3</arg_value></tool_call>" },
        { "Qwen3-Coder",
            "<tool_call>\n<function={{ call.name }}>\n{% for k, v in call.arguments.items() %}<parameter={{ k }}>\n{{ v "
            + "}}\n</parameter>\n{% endfor %}</function>\n</tool_call>",
                "<tool_call>\n<function=get>\n<parameter=city>\nOslo\n</parameter>\n<parameter=days>\n3\n</parameter>\n</function>\n</tool_call>" },
        { "Kimi", "<|tool_calls_section_begin|><|tool_call_begin|>functions.{{ call.name }}:0<|tool_call_argument_begin|>{{ "
            + "call.arguments | tojson }}<|tool_call_end|><|tool_calls_section_end|>",
            "<|tool_calls_section_begin|><|tool_call_begin|>functions.get:0<|tool_call_argument_begin|>{\"city\": \"Oslo\", \"days\": "
                + "3}<|tool_call_end|><|tool_calls_section_end|>" },
        { "DeepSeek", "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>{{ call.name }}<｜tool▁sep｜>{{ call.arguments | tojson "
            + "}}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
            "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get<｜tool▁sep｜>{\"city\": \"Oslo\", \"days\": "
                + "3}<｜tool▁call▁end｜><｜tool▁calls▁end｜>" },
        { "DeepSeek", "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>{{ call.name }}\n```json\n{{ call.arguments | tojson "
            + "}}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
            "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get\n```json\n{\"city\": \"Oslo\", \"days\": "
                + "3}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>" },
        { "Granite", "<|tool_call|>[{\"name\": \"{{ call.name }}\", \"arguments\": {{ call.arguments | tojson }}}]",
            "<|tool_call|>[{\"name\": \"get\", \"arguments\": {\"city\": \"Oslo\", \"days\": 3}}]" },
        { "LFM2", "<|tool_call_start|>[{{ call.name }}({% for k, v in call.arguments.items() %}{{ k }}='{{ v }}'{% endfor "
            + "%})]<|tool_call_end|>",
            "<|tool_call_start|>[get(city=\"Oslo\", days=3)]<|tool_call_end|>" },
        { "harmony", "<|start|>assistant to=functions.{{ call.name }}<|channel|>commentary json<|message|>{{ call.arguments | tojson "
            + "}}<|call|>",
            "<|channel|>commentary to=functions.get <|constrain|>json<|message|>{\"city\": \"Oslo\", \"days\": 3}<|call|>" },
        { "harmony", "<|start|>assistant to=functions.{{ call.name }}<|channel|>commentary json<|message|>{{ call.arguments | tojson "
            + "}}<|call|>", " to=functions.get<|channel|>commentary json<|message|>{\"city\": \"Oslo\", \"days\": 3}<|call|>" },
    };

    [Theory]
    [MemberData(nameof(Families))]
    public void Notation_is_recognized_by_the_template_and_its_call_is_read(string name, string template, string call)
    {
        var notation = ToolCallNotations.Find(NotationModels.Format(template))!;
        Assert.Equal(name, notation.Name);

        var piece = Assert.Single(Read(notation, call).OfType<CallPiece>());

        Assert.Equal("get", piece.Name);
        Assert.Equal(("Oslo", 3), (piece.Arguments.GetProperty("city").GetString(), piece.Arguments.GetProperty("days").GetInt32()));
        Assert.DoesNotContain(Read(notation, call), item => item is TextPiece);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Call_that_the_model_wants_passes_the_constraint(string name, string template, string call)
    {
        var notation = ToolCallNotations.Find(NotationModels.Format(template))!;
        Assert.Equal(name, notation.Name);
        var grammar = new ToolCallGrammar(NotationModels.Tokenizer, s_tools, notation);
        var constraint = new ToolCallConstraint(grammar);

        foreach (var token in NotationModels.Tokenizer.Encode(call, parseSpecial: true))
        {
            var logits = new float[NotationModels.Tokenizer.VocabularySize];
            constraint.Mask(logits);
            Assert.Equal(0, logits[token]);
            if (!NotationModels.Tokenizer.EndsGeneration(token))
            {
                constraint.Accept(token);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Random_logits_give_calls_that_are_read_and_fit_the_schema(string name, string template, string call)
    {
        var notation = ToolCallNotations.Find(NotationModels.Format(template))!;
        Assert.Equal(name, notation.Name);
        Assert.NotEmpty(call);
        var grammar = new ToolCallGrammar(NotationModels.Tokenizer, s_tools, notation);
        var called = new HashSet<string>();
        for (var seed = 0; seed < 60; seed++)
        {
            var tokens = Generate(new ToolCallConstraint(grammar, ToolChoice.Required), notation, seed, isForcing: seed % 2 == 0);
            var pieces = Read(notation, tokens);

            var piece = pieces.OfType<CallPiece>().FirstOrDefault();
            Assert.True(piece is not null, $"No call in: {NotationModels.Tokenizer.DecodeText(tokens)}");
            SchemaValidator.Validate(piece.Arguments, s_tools.Single(tool => tool.Name == piece.Name).Schema);
            called.Add(piece.Name);
        }

        // The taste for quotes prefers the name that ends with one.
        Assert.InRange(called.Count, 2, 3);
    }

    [Theory]
    [InlineData("Qwen-Qwen3-0.6B", "Hermes")]
    [InlineData("Qwen-Qwen2.5-7B-Instruct", "Hermes")]
    [InlineData("NousResearch-Hermes-3-Llama-3.1-8B-tool_use", "Hermes")]
    [InlineData("Qwen3-Coder", "Qwen3-Coder")]
    [InlineData("GLM-4.6", "GLM")]
    [InlineData("GLM-4.7-Flash", "GLM")]
    [InlineData("mistralai-Mistral-Nemo-Instruct-2407", "Mistral")]
    [InlineData("Mistral-Small-3.2-24B-Instruct-2506", "Mistral")]
    [InlineData("unsloth-mistral-Devstral-Small-2507", "Mistral")]
    [InlineData("mistralai-Ministral-3-14B-Reasoning-2512", "Mistral")]
    [InlineData("meta-llama-Llama-3.1-8B-Instruct", "Llama")]
    [InlineData("meta-llama-Llama-3.2-3B-Instruct", "Llama")]
    [InlineData("meta-llama-Llama-3.3-70B-Instruct", "Llama")]
    [InlineData("openai-gpt-oss-120b", "harmony")]
    [InlineData("Kimi-K2-Instruct", "Kimi")]
    [InlineData("moonshotai-Kimi-K2", "Kimi")]
    [InlineData("deepseek-ai-DeepSeek-V3.1", "DeepSeek")]
    [InlineData("LFM2.5-8B-A1B", "LFM2")]
    [InlineData("ibm-granite-granite-4.0", "Hermes")]
    [InlineData("google-gemma-2-2b-it", null)]
    [InlineData("microsoft-Phi-3.5-mini-instruct", null)]
    public void Templates_of_real_models_are_recognized(string file, string? name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Noos.slnx")))
        {
            folder = folder.Parent;
        }

        var path = Path.Combine(folder!.FullName, "..", "shared", "conformance", "templates", file + ".jinja");
        Assert.SkipUnless(File.Exists(path), "The templates of other models are not here.");

        var notation = ToolCallNotations.Find(
            new TemplateChatFormat(NotationModels.Tokenizer, Language.Templates.ChatTemplate.Parse(File.ReadAllText(path))));

        // Without calls in the template, the vocabulary alone decides, and this one has Hermes' tokens.
        Assert.Equal(name ?? "Hermes", notation?.Name);
    }

    [Theory]
    [InlineData("[now()]", "now", "{}")]
    [InlineData(" now( ) ", "now", "{}")]
    [InlineData("[get(city='Os\\'lo', days = 3,)]", "get", """{"city":"Os'lo","days":3}""")]
    [InlineData("[a.b-c(x=[1, (2.5, -3e2)], y={'k': None, \"l\": True}, z=.5, t='\\u00e9\\x41\\n')]", "a.b-c",
        """{"x":[1,[2.5,-3e2]],"y":{"k":null,"l":true},"z":0.5,"t":"éA\n"}""")]
    public void Calls_of_python_are_read_with_their_literals(string text, string name, string arguments)
    {
        var call = Assert.Single(PythonCalls.Read(text));

        Assert.Equal(name, call.Name);
        Assert.True(JsonElement.DeepEquals(Json(arguments), call.Arguments), call.Arguments.GetRawText());
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("[get(3)]")]
    [InlineData("[get(city=Oslo)]")]
    [InlineData("[get(city='Oslo')")]
    [InlineData("[get(city='Oslo)]")]
    [InlineData("[get(city='Oslo')] and more")]
    public void What_is_no_call_of_python_is_none(string text) => Assert.Empty(PythonCalls.Read(text));

    [Fact]
    public void Deeply_nested_literals_of_python_end_the_reading() =>
        Assert.Empty(PythonCalls.Read($"[f(x={new string('[', 100_000)}"));

    [Fact]
    public void Several_calls_of_a_section_are_read_together_or_not_at_all()
    {
        var notation = ToolCallNotations.Find(NotationModels.Format(
            "<|tool_calls_section_begin|><|tool_call_begin|>functions.{{ call.name }}:0<|tool_call_argument_begin|>{{ call.arguments "
            + "| tojson }}<|tool_call_end|><|tool_calls_section_end|>"))!;
        const string Call = "<|tool_call_begin|>functions.now:{0}<|tool_call_argument_begin|>{{}}<|tool_call_end|>";
        string Section(params string[] calls) => $"Yes.<|tool_calls_section_begin|>{string.Concat(calls)}<|tool_calls_section_end|>";

        Assert.Equal(2, Read(notation, Section(
            Call.Replace("{0}", "3").Replace("{{}}", "{}"), Call.Replace("{0}", "4").Replace("{{}}", "{}"))).OfType<CallPiece>().Count());
        Assert.DoesNotContain(
            Read(notation, Section(Call.Replace("{{}}", "{}"), Call.Replace("{{}}", "{"))), piece => piece is CallPiece);
    }

    [Fact]
    public void Llama_answers_with_calls_only_from_the_beginning_and_json_that_is_none_is_text()
    {
        var notation = ToolCallNotations.Find(
            NotationModels.Format("{\"name\": \"{{ call.name }}\", \"parameters\": {{ call.arguments | tojson }}}"))!;

        Assert.Equal("See {\"name\": \"get\", \"parameters\": {}}", TextOf(Read(notation, "See {\"name\": \"get\", \"parameters\": {}}")));
        Assert.Equal("{\"a\": 1}", TextOf(Read(notation, "{\"a\": 1}")));
        Assert.Equal("{\"name\": 5}", TextOf(Read(notation, "{\"name\": 5}")));
        Assert.Equal("{\"name\": \"get\", ", TextOf(Read(notation, "{\"name\": \"get\", ")));
        Assert.Equal(2, Read(notation, "{\"name\": \"now\", \"parameters\": {}}; {\"name\": \"now\", \"parameters\": {}}")
            .OfType<CallPiece>()
            .Count());
        var reader = notation.CreateReader(NotationModels.Tokenizer, []);
        var pieces = new List<AnswerPiece>();
        foreach (var token in NotationModels.Tokenizer.Encode("{\"name\": \"now\", \"parameters\": {}}"))
        {
            reader.Push(token, pieces);
        }

        Assert.DoesNotContain(pieces, piece => piece is CallPiece);
    }

    [Fact]
    public void Llama_that_begins_like_a_call_must_go_on_as_one()
    {
        var notation = ToolCallNotations.Find(
            NotationModels.Format("{\"name\": \"{{ call.name }}\", \"parameters\": {{ call.arguments | tojson }}}"))!;
        var constraint = new ToolCallConstraint(new ToolCallGrammar(NotationModels.Tokenizer, s_tools, notation));
        foreach (var token in NotationModels.Tokenizer.Encode("{\"name\": "))
        {
            constraint.Accept(token);
        }

        var forced = new List<int>();
        constraint.Force(forced);
        var logits = new float[NotationModels.Tokenizer.VocabularySize];
        constraint.Mask(logits);

        Assert.True(float.IsNegativeInfinity(logits[NotationModels.Tokenizer.Encode("x").Single()]));
        Assert.Equal(0, logits[NotationModels.Tokenizer.Encode("\"").Single()]);
    }

    [Fact]
    public void Channels_of_harmony_are_thoughts_text_and_calls()
    {
        var notation = ToolCallNotations.Find(
            NotationModels.Format(
                "<|start|>assistant to=functions.{{ call.name }}<|channel|>commentary json<|message|>{{ call.arguments | tojson }}<|call|>"))!;

        var pieces = Read(
            notation,
            "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary<|message|>Wait. "
            + "<|end|><|start|>assistant<|channel|>final<|message|>Done.<|end|>"
            + "<|start|>assistant<|channel|>commentary to=functions.now <|constrain|>json<|message|>{}<|call|>");

        Assert.Equal("Hm.", string.Concat(pieces.OfType<ThoughtPiece>().Select(piece => piece.Text)));
        Assert.Equal("Wait. Done.", TextOf(pieces));
        Assert.Equal("now", pieces.OfType<CallPiece>().Single().Name);
        Assert.Equal("Plain words", TextOf(Read(notation, "Plain words")));
    }

    [Fact]
    public void Without_calls_harmony_still_writes_its_channels()
    {
        var notation = ToolCallNotations.Find(
            NotationModels.Format(
                "<|start|>assistant to=functions.{{ call.name }}<|channel|>commentary json<|message|>{{ call.arguments | tojson }}<|call|>"))!;
        var constraint = new ToolCallConstraint(new ToolCallGrammar(NotationModels.Tokenizer, s_tools, notation), ToolChoice.None);
        int[] header = [NotationModels.Token("<|channel|>"), .. NotationModels.Tokenizer.Encode("commentary")];
        foreach (var token in header)
        {
            constraint.Accept(token);
        }

        var forced = new List<int>();
        constraint.Force(forced);

        Assert.Equal([NotationModels.Token("<|message|>")], forced);
    }

    [Theory]
    [InlineData("<think>\nA deep one.\n</think>\n\nYes.", "A deep one.", "Yes.", "")]
    [InlineData("A deep one.\n</think>\n\nYes.", "A deep one.", "Yes.", "assistant\n<think>\n")]
    [InlineData("[THINK]Hm[/THINK]Yes.", "Hm", "Yes.", "")]
    [InlineData("Yes. < think>", "", "Yes. < think>", "<think></think>")]
    public void Thoughts_are_told_from_text(string answer, string thought, string text, string promptEnd)
    {
        var pieces = Read(ToolCallNotations.Hermes, NotationModels.Tokenizer.Encode(answer, parseSpecial: true), promptEnd);

        Assert.Equal(thought, string.Concat(pieces.OfType<ThoughtPiece>().Select(piece => piece.Text)));
        Assert.Equal(text, TextOf(pieces));
    }

    [Fact]
    public void Marks_that_the_vocabulary_lacks_are_found_in_the_text()
    {
        // The small vocabulary has no token for [THINK]; pieces of it come one by one.
        var reader = ToolCallNotations.CreatePlainReader(Vocabulary.Small);
        var pieces = new List<AnswerPiece>();
        foreach (var token in Vocabulary.Small.Encode("[THINK]Hm [/THIN] so[/THINK] Yes [THI"))
        {
            reader.Push(token, pieces);
        }

        reader.End(pieces);

        Assert.Equal("Hm [/THIN] so", string.Concat(pieces.OfType<ThoughtPiece>().Select(piece => piece.Text)));
        Assert.Equal("Yes [THI", TextOf(pieces));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Damaged_calls_are_read_as_something_and_never_fail(string name, string template, string call)
    {
        var notation = ToolCallNotations.Find(NotationModels.Format(template))!;
        Assert.Equal(name, notation.Name);
        var whole = NotationModels.Tokenizer.Encode(call, parseSpecial: true);
        var random = new Random(7);
        for (var i = 0; i < 1_000; i++)
        {
            var tokens = whole.ToList();
            for (var changes = random.Next(1, 5); changes > 0; changes--)
            {
                switch (random.Next(3))
                {
                    case 0 when tokens.Count > 0:
                        tokens.RemoveAt(random.Next(tokens.Count));
                        break;
                    case 1:
                        tokens.Insert(random.Next(tokens.Count + 1), random.Next(NotationModels.Tokenizer.VocabularySize));
                        break;
                    default:
                        tokens.Insert(random.Next(tokens.Count + 1), whole[random.Next(whole.Length)]);
                        break;
                }
            }

            Assert.NotNull(Read(notation, [.. tokens]));
        }
    }

    static List<AnswerPiece> Read(ToolCallNotation notation, string answer) =>
        Read(notation, NotationModels.Tokenizer.Encode(answer, parseSpecial: true));

    static List<AnswerPiece> Read(ToolCallNotation notation, int[] answer, string promptEnd = "")
    {
        var reader = notation.CreateReader(NotationModels.Tokenizer, s_tools, promptEnd);
        var pieces = new List<AnswerPiece>();
        foreach (var token in answer)
        {
            reader.Push(token, pieces);
        }

        reader.End(pieces);
        return pieces;
    }

    static string TextOf(IEnumerable<AnswerPiece> pieces) => string.Concat(pieces.OfType<TextPiece>().Select(piece => piece.Text));

    /// <summary>Random logits with a taste for what closes, until a call is whole.</summary>
    static int[] Generate(ToolCallConstraint constraint, ToolCallNotation notation, int seed, bool isForcing)
    {
        var random = new Random(seed);
        var tokenizer = NotationModels.Tokenizer;
        var sampler = new Sampler(new SamplingOptions { Temperature = 1, Seed = (ulong)seed });
        var logits = new float[tokenizer.VocabularySize];
        var tokens = new List<int>();
        var forced = new List<int>();
        while (!Read(notation, [.. tokens]).Exists(piece => piece is CallPiece))
        {
            Assert.True(tokens.Count < 2_000, "The call does not end.");
            forced.Clear();
            if (isForcing)
            {
                constraint.Force(forced);
            }

            if (forced.Count == 0)
            {
                for (var token = 0; token < logits.Length; token++)
                {
                    logits[token] = (float)(random.NextDouble() * 6)
                        + (tokenizer.IsSpecial(token) || tokenizer.BytesOf(token).IndexOfAny("\"]}<"u8) >= 0 ? 5 : 0);
                }

                constraint.Mask(logits);
                forced.Add(sampler.Sample(logits));
            }

            foreach (var token in forced)
            {
                tokens.Add(token);
                if (tokenizer.EndsGeneration(token))
                {
                    return [.. tokens];
                }

                constraint.Accept(token);
            }
        }

        return [.. tokens];
    }

    static JsonElement Json(string text) => JsonElement.Parse(text);
}
