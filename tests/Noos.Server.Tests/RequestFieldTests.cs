using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;
using Noos.Server.Anthropic;
using Noos.Server.Ollama;
using Noos.Server.OpenAi;
using Noos.Server.Responses;

namespace Noos.Server.Tests;

/// <summary>Every field of a request is honoured or refused by name; what other servers of this API accept is accepted.</summary>
public sealed class RequestFieldTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    static ChatRequest Parse(string fields, string messages = """[{"role": "user", "content": "hi"}]""") =>
        ChatRequest.Parse(Encoding.UTF8.GetBytes($$"""{"messages": {{messages}}{{(fields.Length > 0 ? ", " : "")}}{{fields}}}"""));

    [Theory]
    [InlineData("\"temprature\": 1", "temprature")]
    [InlineData("\"response_format\": \"json\"", "response_format")]
    [InlineData("\"response_format\": {}", "response_format.type")]
    [InlineData("\"response_format\": {\"type\": \"text\", \"strict\": true}", "response_format.strict")]
    [InlineData("\"response_format\": {\"type\": \"json_schema\", \"json_schema\": {\"schema\": {}, \"schem\": 1}}",
        "response_format.json_schema.schem")]
    [InlineData("\"json_schema\": 5", "json_schema")]
    [InlineData("\"stream_options\": 5", "stream_options")]
    [InlineData("\"stream_options\": {\"include_usag\": true}", "stream_options.include_usag")]
    [InlineData("\"stream_options\": {\"include_obfuscation\": true}", "stream_options.include_obfuscation")]
    [InlineData("\"tools\": [], \"tool_choice\": \"required\"", "tool_choice")]
    [InlineData("\"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"f\", \"stric\": true}}]", "tools[0].function.stric")]
    [InlineData("\"tools\": [{\"type\": \"custom\", \"custom\": {\"name\": \"f\"}}]", "tools")]
    [InlineData("\"tool_choice\": {\"type\": \"custom\", \"custom\": {\"name\": \"f\"}}", "tool_choice")]
    [InlineData("\"grammar\": 5", "grammar")]
    [InlineData("\"max_tokens\": 0", "max_tokens")]
    [InlineData("\"max_tokens\": 1.5", "max_tokens")]
    [InlineData("\"max_completion_tokens\": -2", "max_completion_tokens")]
    [InlineData("\"max_completion_tokens\": 7, \"max_tokens\": 9", "max_tokens")]
    [InlineData("\"n_predict\": -1, \"max_tokens\": 9", "n_predict")]
    [InlineData("\"stop\": \"\"", "stop")]
    [InlineData("\"stop\": [\"a\", \"\"]", "stop")]
    [InlineData("\"store\": true", "store")]
    [InlineData("\"modalities\": [\"text\", \"audio\"]", "modalities")]
    [InlineData("\"audio\": {\"voice\": \"x\"}", "audio")]
    [InlineData("\"web_search_options\": {}", "web_search_options")]
    [InlineData("\"functions\": [{\"name\": \"f\"}]", "functions")]
    [InlineData("\"verbosity\": \"low\"", "verbosity")]
    [InlineData("\"reasoning_effort\": \"much\"", "reasoning_effort")]
    [InlineData("\"chat_template_kwargs\": 1", "chat_template_kwargs")]
    [InlineData("\"documents\": \"x\"", "documents")]
    [InlineData("\"truncation\": \"some\"", "truncation")]
    [InlineData("\"ignore_eos\": true", "ignore_eos")]
    [InlineData("\"mirostat\": 2", "mirostat")]
    [InlineData("\"min_tokens\": 5", "min_tokens")]
    [InlineData("\"stop_token_ids\": [1]", "stop_token_ids")]
    [InlineData("\"use_beam_search\": true", "use_beam_search")]
    [InlineData("\"continue_final_message\": true", "continue_final_message")]
    [InlineData("\"continue_final_message\": true, \"add_generation_prompt\": true", "add_generation_prompt")]
    [InlineData("\"add_generation_prompt\": false", "add_generation_prompt")]
    [InlineData("\"lora\": [{\"id\": 0, \"scale\": 1, \"name\": \"x\"}]", "lora.name")]
    public void Field_that_would_change_nothing_is_refused_by_name(string field, string name) =>
        Assert.Equal(name, Assert.Throws<ApiException>(() => Parse(field)).Body.Error.Param);

    [Fact]
    public void Last_message_of_the_assistant_goes_on_where_that_is_asked_for()
    {
        const string Messages = """[{"role": "user", "content": "hi"}, {"role": "assistant", "content": "Once"}]""";

        Assert.True(Parse("\"continue_final_message\": true, \"add_generation_prompt\": false", Messages).Answer.Turn.ContinuesAnswer);
        Assert.False(Parse("\"continue_final_message\": false", Messages).Answer.Turn.ContinuesAnswer);
    }

    [Theory]
    [InlineData("\"seed\": 1, \"seed\": 2", "seed")]
    [InlineData("\"response_format\": {\"type\": \"text\", \"type\": \"text\"}", "type")]
    public void Field_that_comes_twice_is_refused(string fields, string name) =>
        Assert.Contains(name, Assert.Throws<ApiException>(() => Parse(fields)).Body.Error.Message, StringComparison.Ordinal);

    [Fact]
    public void Broken_json_is_told_by_line_and_column()
    {
        var sentence = Assert.Throws<ApiException>(() => Parse("\"seed\": 1,")).Body.Error.Message;

        Assert.Matches(@"\(line 1, column \d+\)\.$", sentence);
        Assert.DoesNotContain("reader options", sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    [InlineData("{}")]
    public void Schema_may_be_any_that_json_schema_knows(string schema) => Assert.Equal(
        schema,
        Parse("\"response_format\": {\"type\": \"json_schema\", \"json_schema\": {\"schema\": " + schema + "}}")
            .Answer.Turn.Options.ResponseFormat!.Schema!.Value.GetRawText());

    [Theory]
    [InlineData("true", "{}")]
    [InlineData("{}", "{}")]
    [InlineData("null", """{"type": "object"}""")]
    [InlineData("""{"type": "object", "properties": {"a": true, "b": false}}""",
        """{"type": "object", "properties": {"a": true, "b": false}}""")]
    public void Schema_of_a_tool_is_read_alike_in_every_api(string schema, string expected) => Assert.All(
        Declare("\"name\": \"f\", \"strict\": true", schema),
        read => Assert.Equal(("f", true, expected), (
            Assert.Single(read()).Name, read()[0].IsStrict, read()[0].Parameters.GetRawText())));

    [Fact]
    public void Tool_whose_schema_fits_no_arguments_is_not_offered() =>
        Assert.All(Declare("\"name\": \"f\"", "false"), read => Assert.Empty(read()));

    [Theory]
    [InlineData("\"name\": \"f\"", "5")]
    [InlineData("\"name\": \"f\"", "[]")]
    [InlineData("\"name\": \"\"", "{}")]
    [InlineData("\"name\": 5", "{}")]
    [InlineData("\"nme\": \"f\"", "{}")]
    [InlineData("\"name\": \"f\", \"strict\": \"yes\"", "{}")]
    [InlineData("\"name\": \"f\", \"description\": 5", "{}")]
    public void Declaration_of_a_tool_that_is_none_is_refused_alike_in_every_api(string fields, string schema) => Assert.All(
        Declare(fields, schema),
        read => Assert.StartsWith("tools[0]", Assert.Throws<ApiException>(read).Body.Error.Param, StringComparison.Ordinal));

    [Fact]
    public void Two_tools_of_one_name_are_refused_in_every_api() => Assert.All(
        Declare("\"name\": \"f\"", "{}", count: 2),
        read => Assert.Contains(
            "Two tools have the name 'f'", Assert.Throws<ApiException>(read).Body.Error.Message, StringComparison.Ordinal));

    /// <summary>Reads the tools of a request to each of the APIs.</summary>
    static Func<IReadOnlyList<ToolDeclaration>>[] Declare(string fields, string schema, int count = 1)
    {
        var nested = Repeat($$"""{"type": "function", "function": { {{fields}}, "parameters": {{schema}} } }""");
        var flat = Repeat($$"""{"type": "function", {{fields}}, "parameters": {{schema}} }""");
        var custom = Repeat($$"""{ {{fields}}, "input_schema": {{schema}} }""");
        return
        [
            () => Parse($"\"tools\": [{nested}]").Answer.Turn.Tools,
            () => OllamaRequest.ParseChat(Encoding.UTF8.GetBytes(
                $$"""{"model": "m", "messages": [{"role": "user", "content": "hi"}], "tools": [{{nested}}]}"""))
                .Answer!.Turn.Tools,
            () => ResponseRequest.Parse(Encoding.UTF8.GetBytes($$"""{"input": "hi", "tools": [{{flat}}]}"""), _ => [])
                .Answer.Turn.Tools,
            () => MessagesRequest.Parse(Encoding.UTF8.GetBytes(
                $$"""
                {"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "hi"}], "tools": [{{custom}}]}
                """)).Answer.Turn.Tools,
        ];

        string Repeat(string tool) => string.Join(", ", Enumerable.Repeat(tool, count));
    }

    [Fact]
    public void Calls_that_wait_for_results_have_ids_of_their_own_in_every_api()
    {
        const string Chat = """{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}""";
        const string Use = """{"type": "tool_use", "id": "1", "name": "f", "input": {}}""";
        const string Item = """{"type": "function_call", "call_id": "1", "name": "f", "arguments": "{}"}""";
        string[] messages =
        [
            Refusal(() => Parse("", $$"""[{"role": "assistant", "tool_calls": [{{Chat}}, {{Chat}}]}]""")),
            Refusal(() => MessagesRequest.Parse(Encoding.UTF8.GetBytes(
                $$"""{"model": "m", "max_tokens": 1, "messages": [{"role": "assistant", "content": [{{Use}}, {{Use}}]}]}"""))),
            Refusal(() => ResponseRequest.Parse(Encoding.UTF8.GetBytes($$"""{"input": [{{Item}}, {{Item}}]}"""), _ => [])),
            Refusal(() => OllamaRequest.ParseChat(Encoding.UTF8.GetBytes(
                """
                {"model": "m", "messages": [{"role": "assistant", "tool_calls": [{"id": "1", "function": {"name": "f"}},
                 {"id": "1", "function": {"name": "f"}}]}]}
                """))),
        ];

        Assert.All(messages, message => Assert.Contains("have the id '1'", message, StringComparison.Ordinal));

        // Once it is answered, an id may come again.
        var result = """{"role": "tool", "tool_call_id": "1", "content": "x"}""";
        var again = $$"""{"role": "assistant", "tool_calls": [{{Chat}}]}""";
        Assert.Equal(4, Parse("", $"[{again}, {result}, {again}, {result}]").Answer.Turn.Conversation.Messages.Count);

        static string Refusal(Func<object> parse) => Assert.Throws<ApiException>(parse).Body.Error.Message;
    }

    [Fact]
    public void Refusal_of_a_misspelt_field_names_the_nearest()
    {
        var refusal = Assert.Throws<ApiException>(() => Parse("\"temprature\": 1")).Body.Error;

        Assert.Equal("unknown_parameter", refusal.Code);
        Assert.Contains("did you mean \"temperature\"?", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"role\": \"user\", \"content\": \"a\", \"contnt\": \"b\"}", "messages[0].contnt")]
    [InlineData("{\"role\": \"assistant\", \"content\": \"a\", \"function_call\": {\"name\": \"f\"}}", "messages[0].function_call")]
    [InlineData("{\"role\": \"assistant\", \"content\": \"a\", \"audio\": {\"id\": \"1\"}}", "messages[0].audio")]
    [InlineData("{\"role\": \"user\", \"content\": [{\"type\": \"text\", \"text\": \"a\", \"bold\": true}]}",
        "messages[0].content[0].bold")]
    [InlineData("{\"role\": \"user\", \"content\": \"a\", \"name\": 5}", "messages[0].name")]
    public void Field_of_a_message_that_would_be_dropped_is_refused_by_name(string message, string name) =>
        Assert.Equal(name, Assert.Throws<ApiException>(() => Parse("", $"[{message}]")).Body.Error.Param);

    [Fact]
    public void Bad_flag_of_a_failed_call_is_refused_with_its_place()
    {
        var refusal = Assert.Throws<ApiException>(() => Parse("", """
            [{"role": "user", "content": "?"},
             {"role": "assistant", "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
             {"role": "tool", "tool_call_id": "1", "content": "x", "is_error": "yes"}]
            """));

        Assert.Equal("messages[2].is_error", refusal.Body.Error.Param);
    }

    [Theory]
    [InlineData("\"max_tokens\": -1", int.MaxValue)]
    [InlineData("\"max_tokens\": 1.0", 1)]
    [InlineData("\"max_completion_tokens\": 7, \"max_tokens\": 7", 7)]
    [InlineData("\"n_predict\": -1", int.MaxValue)]
    [InlineData("", null)]
    public void Limit_of_an_answer_may_be_whole_in_any_way_or_none(string field, int? expected) =>
        Assert.Equal(expected, Parse(field).Answer.Turn.Options.MaxTokens);

    [Fact]
    public void Fields_that_only_keep_books_and_values_that_ask_for_nothing_are_accepted() => Assert.NotNull(Parse("""
        "model": "any", "user": "u", "safety_identifier": "s", "metadata": {"a": "b"}, "service_tier": "auto", "store": false,
        "prompt_cache_key": "k", "cache_prompt": true, "modalities": ["text"], "verbosity": "medium", "n": 1, "audio": null,
        "stream_options": {"include_usage": true, "include_obfuscation": false}, "ignore_eos": false, "mirostat": 0, "min_tokens": 0,
        "best_of": 1, "skip_special_tokens": true, "prediction": {"type": "content", "content": "x"}, "functions": [], "unknown": null
        """));

    [Fact]
    public void Assistant_that_said_nothing_is_an_empty_message()
    {
        var messages = Parse("", """
            [{"role": "user", "content": "w"}, {"role": "assistant", "content": null, "tool_calls": [], "refusal": null, "annotations": []},
             {"role": "assistant", "content": null, "reasoning": "Hm"}, {"role": "user", "content": "x", "name": "Ann"}]
            """).Answer.Turn.Conversation.Messages;

        Assert.Empty(messages[1].Parts);
        Assert.Equal(new ThoughtPart("Hm"), Assert.Single(messages[2].Parts));
        Assert.Equal("Ann", messages[3].Name);
    }

    [Fact]
    public void Arguments_of_a_call_may_be_an_object()
    {
        var messages = Parse("", """
            [{"role": "user", "content": "w"},
             {"role": "assistant", "tool_calls": [{"index": 0, "id": "c1", "type": "function",
              "function": {"name": "f", "arguments": {"a": 1}}}]},
             {"role": "tool", "tool_call_id": "c1", "content": "5"},
             {"role": "tool", "tool_call_id": "trimmed", "name": "g", "content": "6"}]
            """).Answer.Turn.Conversation.Messages;

        Assert.Equal("""{"a": 1}""", Assert.IsType<ToolCallPart>(messages[1].Parts.Single()).Arguments.GetRawText());
        Assert.Equal(["f", "g"], messages.Skip(2).Select(message => ((ToolResultPart)message.Parts.Single()).Name));
    }

    [Fact]
    public void Choice_among_some_of_the_tools_leaves_only_those()
    {
        const string tools = """
            "tools": [{"type": "function", "function": {"name": "f", "strict": true}}, {"type": "function", "function": {"name": "g"}}]
            """;

        var turn = Parse(tools + """
            , "parallel_tool_calls": false,
            "tool_choice": {"type": "allowed_tools",
             "allowed_tools": {"mode": "required", "tools": [{"type": "function", "function": {"name": "f"}}]}}
            """).Answer.Turn;

        Assert.Equal((ToolChoiceMode.Required, "f", true), (turn.ToolChoice.Mode, turn.Tools.Single().Name, turn.Tools[0].IsStrict));
        Assert.False(turn.HasParallelCalls);
        Assert.True(Parse(tools).Answer.Turn.HasParallelCalls);
    }

    [Fact]
    public void Conversation_that_is_too_long_is_cut_only_where_that_is_asked_for()
    {
        Assert.Equal(Truncation.Disabled, Parse("").Answer.Turn.Truncation);
        Assert.Equal(Truncation.Auto, Parse("\"truncation\": \"auto\"").Answer.Turn.Truncation);
    }

    [Theory]
    [InlineData("\"min_p\": 0.1", "min_p")]
    [InlineData("\"logit_bias\": {\"5\": 1}", "logit_bias")]
    [InlineData("\"logprobs\": true", "logprobs")]
    [InlineData("\"repeat_penalty\": 1.1", "repeat_penalty")]
    [InlineData("\"grammar\": \"root ::= \\\"a\\\"\"", "grammar")]
    [InlineData("\"chat_template_kwargs\": {\"enable_thinking\": false}", "chat_template_kwargs")]
    [InlineData("\"reasoning_effort\": \"low\"", "reasoning_effort")]
    public async Task What_a_model_elsewhere_would_not_hear_of_is_refused_by_name(string field, string name)
    {
        await using var server = await RunningServer.StartAsync([new TextContent("never")]);

        using var response = await server.PostAsync($$"""{"messages": [{"role": "user", "content": "hi"}], {{field}}}""");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = JsonElement.Parse(await response.Content.ReadAsStringAsync(Token)).GetProperty("error");
        Assert.Equal(name, error.GetProperty("param").GetString());
        Assert.Empty(server.Model.Requests);
    }

    [Theory]
    [InlineData("v1/responses", """{"input": "hi", "reasoning": {"effort": "low"}}""", "reasoning.effort")]
    [InlineData(
        "v1/chat/completions", """{"messages": [{"role": "user", "content": "hi"}], "reasoning_effort": "low"}""", "reasoning_effort")]
    public async Task Effort_that_is_refused_has_the_name_that_its_api_gives_it(string route, string body, string name)
    {
        await using var server = await RunningServer.StartAsync([new TextContent("never")]);

        using var response = await server.PostAsync(body, route);

        var error = JsonElement.Parse(await response.Content.ReadAsStringAsync(Token)).GetProperty("error");
        Assert.Equal(name, error.GetProperty("param").GetString());
    }

    [Fact]
    public async Task Embeddings_refuse_unknown_fields()
    {
        await using var server = await RunningServer.StartAsync([]);

        using var response = await server.PostAsync("""{"input": "a", "dimension": 4}""", "v1/embeddings");

        var error = JsonElement.Parse(await response.Content.ReadAsStringAsync(Token)).GetProperty("error");
        Assert.Contains("did you mean \"dimensions\"?", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }
}
