using System.Net;
using System.Text.Json;
using Noos.Cpus.Local;
using Noos.Inference;
using Noos.Language.Gguf;
using Noos.Testing;
using Noos.Testing.RandomModels;

namespace Noos.Server.Tests;

/// <summary>
/// The API over models with the chat templates of real ones: what was asked for reaches the prompt, or is refused. The weights are random,
/// and the templates lie beside the repository.
/// </summary>
public sealed class TemplateModelTests : IDisposable
{
    const string Thinking =
        Plain + "<think>\n";

    const string Plain =
        "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}<|im_start|>assistant\n";

    const string Weather = """
        "tools": [{"type": "function", "function": {"name": "get_weather", "description": "Returns the weather of a city, in degrees",
         "parameters": {"type": "object", "properties": {"city": {"enum": ["Oslo", "Rome"]}}, "required": ["city"]}}}]
        """;

    readonly TemporaryFolder _folder = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("Qwen3.5-4B")]
    [InlineData("llama-cpp-deepseek-r1")]
    public async Task Json_stands_in_the_content_where_the_prompt_has_opened_a_thought(string? template)
    {
        await using var server = await StartAsync(template is null ? Thinking : Shared(template));

        var message = (await AskAsync(server, """
            "max_tokens": 60, "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object",
             "properties": {"a": {"type": "integer", "minimum": 0, "maximum": 9}}, "required": ["a"], "additionalProperties": false}}}
            """)).GetProperty("choices")[0].GetProperty("message");

        Assert.InRange(JsonElement.Parse(message.GetProperty("content").GetString()!).GetProperty("a").GetInt32(), 0, 9);
        Assert.False(message.TryGetProperty("reasoning_content", out _));
    }

    [Theory]
    [InlineData("Qwen-Qwen3-0.6B")]
    [InlineData("Qwen3.5-4B")]
    [InlineData("openai-gpt-oss-120b")]
    public async Task Thoughts_of_the_last_turn_are_a_part_of_the_prompt(string template)
    {
        await using var server = await StartAsync(Shared(template));
        const string without = """
            [{"role": "user", "content": "weather in Oslo?"},
             {"role": "assistant", "content": null, THOUGHT "tool_calls": [{"id": "call_1", "type": "function",
              "function": {"name": "get_weather", "arguments": "{\"city\":\"Oslo\"}"}}]},
             {"role": "tool", "tool_call_id": "call_1", "content": "5 C"}]
            """;

        var plain = await PromptAsync(server, Weather, without.Replace("THOUGHT", "", StringComparison.Ordinal));
        var thinking = await PromptAsync(
            server, Weather,
            without.Replace("THOUGHT", "\"reasoning_content\": \"The user wants the weather.\",", StringComparison.Ordinal));

        Assert.True(thinking > plain, $"{thinking} tokens with thoughts, {plain} without");
    }

    [Fact]
    public async Task Variables_of_the_template_are_honoured_or_refused()
    {
        await using var server = await StartAsync(
            Plain + "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}");

        var usual = await PromptAsync(server, "");
        var off = await PromptAsync(server, "\"chat_template_kwargs\": {\"enable_thinking\": false}");
        var none = await PromptAsync(server, "\"reasoning_effort\": \"none\"");
        using var unknown = await PostAsync(server, "\"chat_template_kwargs\": {\"enable_thinkin\": false}");
        using var documents = await PostAsync(server, "\"documents\": [{\"text\": \"a\"}]");

        Assert.True(off > usual);
        Assert.Equal(off, none);
        Assert.Equal("chat_template_kwargs.enable_thinkin", await ParamAsync(unknown));
        Assert.Equal("documents", await ParamAsync(documents));
    }

    [Theory]
    [InlineData("Qwen-Qwen3-0.6B", "\"chat_template_kwargs\": {\"enable_thinking\": false}")]
    [InlineData("ibm-granite-granite-3.3-2B-Instruct", "\"documents\": [{\"title\": \"Foxes\", \"text\": \"A fox is red.\"}]")]
    public async Task Variables_that_real_templates_read_change_the_prompt(string template, string field)
    {
        await using var server = await StartAsync(Shared(template));

        Assert.NotEqual(await PromptAsync(server, ""), await PromptAsync(server, field));
    }

    [Fact]
    public async Task Effort_of_reasoning_is_refused_where_the_template_has_no_such_thing()
    {
        await using var server = await StartAsync(Plain);

        using var response = await PostAsync(server, "\"reasoning_effort\": \"high\"");

        Assert.Equal("reasoning_effort", await ParamAsync(response));
    }

    [Fact]
    public async Task Tools_are_described_in_the_messages_where_the_template_has_no_place_for_them()
    {
        await using var server = await StartAsync(Plain);

        var with = await PromptAsync(server, Weather);
        var none = await PromptAsync(server, Weather + ", \"tool_choice\": \"none\"");
        // Nobody asked for the server's own tools.
        var own = await PromptAsync(server, "");

        Assert.True(with > none + 50, $"{with} tokens with tools, {none} without");
        Assert.Equal(none, own);
        for (var seed = 0; seed < 5; seed++)
        {
            var message = (await AskAsync(
                server,
                Weather + $", \"tool_choice\": \"required\", \"parallel_tool_calls\": false, \"max_tokens\": 200, \"temperature\": 1, "
                + $"\"seed\": {seed}"))
                .GetProperty("choices")[0].GetProperty("message");
            var call = message.GetProperty("tool_calls")[0].GetProperty("function");
            Assert.Equal("get_weather", call.GetProperty("name").GetString());
            Assert.Contains(
                JsonElement.Parse(call.GetProperty("arguments").GetString()!).GetProperty("city").GetString(), (string[])["Oslo", "Rome"]);
        }
    }

    [Fact]
    public async Task Calls_and_results_of_a_conversation_are_told_to_a_model_whose_template_knows_neither()
    {
        await using var server = await StartAsync(Plain);

        using var response = await PostAsync(server, Weather, """
            [{"role": "user", "content": "Weather?"},
             {"role": "assistant", "tool_calls": [{"id": "a", "type": "function",
              "function": {"name": "get_weather", "arguments": "{\"city\": \"Oslo\"}"}}]},
             {"role": "tool", "tool_call_id": "a", "content": "Rain."}]
            """);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use", "ggml-vocab-llama-bpe.gguf")]
    [InlineData("NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use", "ggml-vocab-qwen2.gguf")]
    [InlineData("mistralai-Mistral-Nemo-Instruct-2407", "ggml-vocab-llama-bpe.gguf")]
    [InlineData("GLM-4.6", "ggml-vocab-llama-bpe.gguf")]
    [InlineData("Qwen3-Coder", "ggml-vocab-llama-bpe.gguf")]
    public async Task Calls_are_written_and_read_where_the_vocabulary_has_no_tokens_for_them(string template, string vocabulary)
    {
        var source = SharedFiles.Find("conformance", "vocab", vocabulary);
        Assert.SkipWhen(source is null, "The shared vocabularies are not there.");
        await using var server = await StartAsync(Shared(template), source);

        var with = await PromptAsync(server, Weather);
        var without = await PromptAsync(server, "\"tools\": []");
        const string required = ", \"tool_choice\": \"required\", \"max_tokens\": 200, \"parallel_tool_calls\": false";
        var message = (await AskAsync(server, Weather + required))
            .GetProperty("choices")[0].GetProperty("message");

        Assert.True(with > without + 10, $"{with} tokens with tools, {without} without");
        var call = message.GetProperty("tool_calls")[0].GetProperty("function");
        Assert.Equal("get_weather", call.GetProperty("name").GetString());
        Assert.Contains(
            JsonElement.Parse(call.GetProperty("arguments").GetString()!).GetProperty("city").GetString(), (string[])["Oslo", "Rome"]);
        Assert.Equal(1, message.GetProperty("tool_calls").GetArrayLength());
    }

    [Fact]
    public async Task Answer_with_tools_and_a_format_is_one_of_them()
    {
        using var tiny = new TinyModel();
        await using var server = await RunningServer.StartAsync(new LocalCpu(LanguageModel.Load(tiny.Path)));
        const string format = Weather + """
            , "response_format": {"type": "json_schema", "json_schema": {"schema": {"enum": ["yes", "no"]}}}, "max_tokens": 60
            """;

        for (var seed = 0; seed < 6; seed++)
        {
            var message = (await AskAsync(server, $"{format}, \"temperature\": 2, \"seed\": {seed}, \"parallel_tool_calls\": false"))
                .GetProperty("choices")[0].GetProperty("message");

            if (message.TryGetProperty("tool_calls", out var calls))
            {
                Assert.Equal("get_weather", calls[0].GetProperty("function").GetProperty("name").GetString());
            }
            else
            {
                Assert.Contains(message.GetProperty("content").GetString(), (string[])["\"yes\"", "\"no\""]);
            }
        }
    }

    [Theory]
    [InlineData("""
        [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}, {"role": "assistant", "content": "Hello."},
         {"role": "system", "content": "From now on answer BLUE."}, {"role": "user", "content": "What colour is the sky?"}]
        """)]
    [InlineData("""
        [{"role": "system", "content": "Be brief."}, {"role": "system", "content": "From now on answer BLUE."},
         {"role": "user", "content": "What colour is the sky?"}]
        """)]
    public async Task Instructions_in_the_middle_are_merged_where_the_template_refuses_them(string messages)
    {
        const string refusing =
            "{% for m in messages %}{% if m.role == 'system' and not loop.first %}{{ raise_exception('Must be first.') }}{% endif %}";
        string[] templates =
        [
            Plain.Replace("{% for m in messages %}", refusing, StringComparison.Ordinal),
            SharedFiles.Find("conformance", "templates", "Qwen3.5-4B.jinja") is { } path ? await File.ReadAllTextAsync(path, Token) : Plain,
        ];
        foreach (var template in templates)
        {
            await using var server = await StartAsync(template);

            var both = await PromptAsync(server, "\"tools\": []", messages);
            var one = await PromptAsync(
                server, "\"tools\": []", messages.Replace("From now on answer BLUE.", "", StringComparison.Ordinal));

            Assert.True(both > one, $"{both} tokens with both, {one} with one");
        }
    }

    [Fact]
    public async Task Conversation_that_does_not_fit_is_refused_with_its_code_and_cut_where_that_is_asked_for()
    {
        using var tiny = new TinyModel();
        await using var server = await RunningServer.StartAsync(new LocalCpu(LanguageModel.Load(tiny.Path)));
        var words = string.Join(' ', Enumerable.Repeat("fox", 70));
        var messages = $$"""
            [{"role": "user", "content": "{{words}}"}, {"role": "assistant", "content": "Noted."}, {"role": "user", "content": "{{words}}"}]
            """;

        using var refused = await PostAsync(server, "\"max_tokens\": 2", messages);
        var cut = await AskAsync(server, "\"max_tokens\": 2, \"truncation\": \"auto\"", messages);

        var error = JsonElement.Parse(await refused.Content.ReadAsStringAsync(Token)).GetProperty("error");
        Assert.Equal(
            (HttpStatusCode.BadRequest, "context_length_exceeded", "messages"),
            (refused.StatusCode, error.GetProperty("code").GetString(), error.GetProperty("param").GetString()));
        var run = cut.GetProperty("noos").EnumerateArray().Single(item => item.GetProperty("event").GetString() == "model_run");
        Assert.Equal(2, run.GetProperty("omitted_messages").GetInt32());
    }

    [Fact]
    public async Task Answer_without_a_limit_goes_on_until_the_context_is_full()
    {
        using var tiny = new TinyModel();
        await using var server = await RunningServer.StartAsync(new LocalCpu(LanguageModel.Load(tiny.Path)));
        using var model = LanguageModel.Load(tiny.Path);
        var letter = model.Tokenizer.Encode("x").Single();

        var answer = await AskAsync(server, $"\"tools\": [], \"loop_guard\": false, \"logit_bias\": {{\"{letter}\": 100}}");

        var usage = answer.GetProperty("usage");
        Assert.Equal("length", answer.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.InRange(usage.GetProperty("total_tokens").GetInt32(), TinyModel.ContextLength - 1, TinyModel.ContextLength + 1);
    }

    [Fact]
    public async Task Model_is_called_what_its_file_is_called_and_its_other_name_stands_beside_it()
    {
        var path = _folder.File("My own model-00001-of-00001.gguf");
        Write(path, Plain, null);
        await using var server = await RunningServer.StartAsync(new LocalCpu(LanguageModel.Load(path)));

        var models = await server.Http.GetStringAsync(new Uri("v1/models", UriKind.Relative), Token);
        var list = JsonElement.Parse(models).GetProperty("data")[0];
        var answer = await AskAsync(server, "");
        using var other = await server.Http.GetAsync(new Uri("v1/models/random%20weights", UriKind.Relative), Token);

        Assert.Equal(
            ("My-own-model", "random weights"), (list.GetProperty("id").GetString(), list.GetProperty("name").GetString()));
        Assert.Equal("My-own-model", answer.GetProperty("model").GetString());
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    static string Shared(string name)
    {
        var path = SharedFiles.Find("conformance", "templates", name + ".jinja");
        Assert.SkipWhen(path is null, "The shared templates are not there.");
        return File.ReadAllText(path);
    }

    Task<RunningServer> StartAsync(string template, string? vocabulary = null)
    {
        var path = _folder.File($"{Guid.NewGuid():N}.gguf");
        Write(path, template, vocabulary);
        return RunningServer.StartAsync(new LocalCpu(LanguageModel.Load(path)));
    }

    static void Write(string path, string template, string? vocabulary) => RandomModelFile.Write(
        path,
        RandomModelShape.Parse("tiny-llama") with
        {
            BlockCount = 1,
            EmbeddingLength = 64,
            FeedForwardLength = 64,
            HeadCount = 1,
            KeyValueHeadCount = 1,
        },
        GgufTensorType.Q8_0, seed: 3, vocabulary, template);

    static Task<HttpResponseMessage> PostAsync(
        RunningServer server, string fields, string messages = """[{"role": "user", "content": "hi"}]""") =>
        server.PostAsync("{\"messages\": " + messages
            + (fields.Contains("max_tokens", StringComparison.Ordinal) || fields.Contains("logit_bias", StringComparison.Ordinal)
                ? ""
                : ", \"max_tokens\": 1")
            + (fields.Length > 0 ? ", " : "") + fields + "}");

    static async Task<JsonElement> AskAsync(
        RunningServer server, string fields, string messages = """[{"role": "user", "content": "hi"}]""")
    {
        using var response = await PostAsync(server, fields, messages);
        var body = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonElement.Parse(body);
    }

    static async Task<int> PromptAsync(
        RunningServer server, string fields, string messages = """[{"role": "user", "content": "hi"}]""") =>
        (await AskAsync(server, fields, messages)).GetProperty("usage").GetProperty("prompt_tokens").GetInt32();

    static async Task<string?> ParamAsync(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        return JsonElement.Parse(await response.Content.ReadAsStringAsync(Token)).GetProperty("error").GetProperty("param").GetString();
    }
}
