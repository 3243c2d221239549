using System.Diagnostics;
using System.Text.Json;
using Noos.Testing.RandomModels;

namespace Noos.Cli.Tests;

/// <summary>The commands as a user runs them: real processes.</summary>
public sealed class CommandTests(Terminal terminal) : IClassFixture<Terminal>
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ask_answers_on_standard_output()
    {
        var result = await terminal.RunAsync(["ask", "Hello there", "--seed", "3", "--temperature", "1"]);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.NotEqual("", result.Output.Trim());
    }

    [Fact]
    public async Task Doctor_tells_a_supervisor_whether_the_server_answers()
    {
        using var own = new Terminal();

        var without = await own.RunAsync(["doctor", "--server"]);
        using var server = own.Start("up", "--port", "0");
        var greeting = await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        var with = await own.RunAsync(["doctor", "--server"]);
        server.Kill();

        Assert.StartsWith("Tiny is up", greeting, StringComparison.Ordinal);
        Assert.NotEqual(0, without.ExitCode);
        Assert.StartsWith("No server of the home", without.Error, StringComparison.Ordinal);
        Assert.Equal(0, with.ExitCode);
    }

    [Fact]
    public async Task Doctor_names_what_there_is_and_how_to_get_the_rest()
    {
        var result = await terminal.RunAsync(["doctor", "--sandbox", "interpreter"]);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("ok  processor", result.Output, StringComparison.Ordinal);
        Assert.Contains("No program can be confined here, so none is run", result.Output, StringComparison.Ordinal);
        Assert.Contains("ok  javascript", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_json_is_one_line_with_every_check()
    {
        var result = await terminal.RunAsync(["doctor", "--json", "--sandbox", "interpreter"]);

        var checks = JsonElement.Parse(result.Output).GetProperty("data").EnumerateArray().ToArray();
        Assert.Single(result.Output.TrimEnd().Split('\n'));
        Assert.Contains(checks, check => check.GetProperty("name").GetString() == "processor" && check.GetProperty("good").GetBoolean());
        Assert.All(checks, check => Assert.NotEqual("", check.GetProperty("sentence").GetString()));
        Assert.Contains(checks, check => check.GetProperty("remedy").ValueKind == JsonValueKind.Null);
    }

    [Fact]
    public async Task Tools_are_listed_with_what_they_need_and_who_is_offered_them()
    {
        var result = await terminal.RunAsync(["tools"]);
        var json = JsonElement.Parse((await terminal.RunAsync(["tools", "--json"])).Output);
        var tools = json.GetProperty("data").EnumerateArray().ToDictionary(tool => tool.GetProperty("name").GetString()!);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.StartsWith("* calculator ", result.Output, StringComparison.Ordinal);
        Assert.Contains("\n  open_page ", result.Output, StringComparison.Ordinal);
        Assert.Equal("Tiny", json.GetProperty("model").GetString());
        Assert.True(tools["calculator"].GetProperty("offered").GetBoolean());
        Assert.Empty(tools["calculator"].GetProperty("needs").EnumerateArray());
        Assert.False(tools["open_page"].GetProperty("offered").GetBoolean());
        Assert.Equal("net", Assert.Single(tools["open_page"].GetProperty("needs").EnumerateArray()).GetString());
        Assert.Equal("object", tools["search"].GetProperty("parameters").GetProperty("type").GetString());
    }

    [Fact]
    public async Task Tools_of_a_model_that_is_not_there_are_a_sentence()
    {
        var result = await terminal.RunAsync(["tools", "--model", "nowhere.gguf"]);

        Assert.True(result.IsMistake);
        Assert.Contains("There is no model 'nowhere.gguf'", Assert.Single(result.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_json_is_one_trace_and_the_same_for_the_same_seed()
    {
        string[] arguments = ["ask", "--json", "--seed", "3", "-t", "1", "--model", terminal.ModelPath];

        var first = JsonElement.Parse((await terminal.RunAsync([.. arguments, "Hello there"])).Output);
        var piped = JsonElement.Parse((await terminal.RunAsync(arguments, "Hello there\n")).Output);

        Assert.Equal("Tiny", first.GetProperty("model").GetString());
        Assert.Equal(first.GetProperty("answer").GetString(), piped.GetProperty("answer").GetString());
        Assert.True(first.GetProperty("prompt_tokens").GetInt64() > 0);
        Assert.True(first.GetProperty("elapsed_ms").GetDouble() > 0);
        var events = first.GetProperty("events").EnumerateArray().ToArray();
        Assert.Equal("model_run", events[^1].GetProperty("event").GetString());
        Assert.All(events, item => Assert.True(item.GetProperty("at_ms").GetDouble() >= 0));
    }

    [Theory]
    [InlineData("There is no model 'nowhere.gguf'", "ask", "hi", "--model", "nowhere.gguf")]
    [InlineData("There is no question", "ask")]
    [InlineData("Did you mean", "aks")]
    [InlineData("temperature must be a number from 0 to 2", "ask", "hi", "--temperature", "9")]
    [InlineData("choose f32, f16 or q8", "ask", "hi", "--kv", "f8")]
    [InlineData("is no size of memory", "ask", "hi", "--cache-memory", "much")]
    [InlineData("is no size of memory", "up", "--cache-memory", "-1")]
    [InlineData("is no size of memory", "chat", "--keep-cache-size", "99999999999T")]
    [InlineData("repeat penalty must be a number", "ask", "hi", "--repeat-penalty", "0")]
    [InlineData("--top-k must be -1 or more", "ask", "hi", "--top-k", "-2")]
    [InlineData("is no bias", "complete", "hi", "--logit-bias", "fox=2")]
    [InlineData("ends at", "complete", "hi", "--logit-bias", "9999999=2")]
    [InlineData("no-adapter.gguf", "ask", "hi", "--lora", "no-adapter.gguf:0.5")]
    [InlineData("leave out --lora", "ask", "hi", "--model", "http://127.0.0.1:9/v1", "--lora", "a.gguf")]
    [InlineData("There is no text", "embed")]
    [InlineData("dimensions, not 99", "embed", "hi", "--dimensions", "99")]
    [InlineData("There is no course 'french'", "exam", "french")]
    [InlineData("abc", "up", "--port", "abc")]
    [InlineData("abc", "complete", "hi", "--tokens", "abc")]
    [InlineData("abc", "ask", "hi", "--temperature", "abc")]
    [InlineData("abc", "exam", "talk", "--limit", "abc")]
    [InlineData("on this computer", "complete", "hi", "--model", "http://127.0.0.1:9/v1")]
    [InlineData("port must be a number", "up", "--port", "70000")]
    [InlineData("is no address", "up", "--host", "everywhere")]
    public async Task Mistake_is_a_sentence_on_standard_error_and_an_exit_code_of_mistakes(string sentence, params string[] arguments)
    {
        var result = await terminal.RunAsync(arguments);

        Assert.True(result.IsMistake, $"exit code {result.ExitCode}");
        Assert.Contains(sentence, result.Error + (sentence == "Did you mean" ? result.Output : ""), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "Did you mean", "aks")]
    [InlineData(1, "There is no question", "ask")]
    [InlineData(66, "There is no model 'nowhere.gguf'", "ask", "hi", "--model", "nowhere.gguf")]
    [InlineData(66, "There is no model 'nowhere'", "rm", "nowhere", "--yes")]
    [InlineData(69, "cannot be reached", "ask", "hi", "--model", "http://127.0.0.1:9/v1#x")]
    [InlineData(69, "check the internet connection", "pull", "a/b", "--endpoint", "http://127.0.0.1:9")]
    public async Task Exit_code_tells_the_kind_of_the_failure(int exitCode, string sentence, params string[] arguments)
    {
        var result = await terminal.RunAsync(arguments);

        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(sentence, result.Error + result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Embed_writes_a_vector_a_line()
    {
        var given = await terminal.RunAsync(["embed", "Hello there", "A fox", "--pooling", "mean"]);
        var piped = await terminal.RunAsync(["embed", "--pooling", "mean"], "Hello there\nA fox\n");

        Assert.Equal((0, ""), (given.ExitCode, given.Error));
        Assert.Equal(given.Output, piped.Output);
        var vectors = given.Output.TrimEnd()
            .Split('\n')
            .Select(line => JsonElement.Parse(line).EnumerateArray().Select(value => value.GetDouble()).ToArray())
            .ToArray();
        Assert.Equal([32, 32], vectors.Select(vector => vector.Length));
        Assert.All(vectors, vector => Assert.Equal(1, vector.Sum(value => value * value), 5));
    }

    [Fact]
    public async Task Rerank_writes_files_or_lines_with_their_scores_the_best_first()
    {
        using var folder = new BertFolder(ranks: true);
        folder.Convert(folder.Output, "f32", TestContext.Current.CancellationToken);
        string[] documents = ["the foxes", "a b", "snow"];
        string[] files = [.. documents.Select((_, index) => terminal.Home.File($"document-{index}.txt"))];
        for (var index = 0; index < files.Length; index++)
        {
            await File.WriteAllTextAsync(files[index], documents[index], TestContext.Current.CancellationToken);
        }

        var lines = await terminal.RunAsync(["rerank", "snow fox", "--model", folder.Output], string.Join('\n', documents) + "\n");
        var read = await terminal.RunAsync(["rerank", "snow fox", .. files, "--model", folder.Output, "--top", "2"]);
        var wrong = await terminal.RunAsync(["rerank", "snow fox", "--model", terminal.ModelPath], "a\n");

        Assert.Equal((0, "", 0, ""), (lines.ExitCode, lines.Error, read.ExitCode, read.Error));
        var ranked = lines.Output.TrimEnd().Split('\n').Select(line => line.Trim().Split("  ", 2)).ToArray();
        Assert.Equal(documents.Order(), ranked.Select(parts => parts[1]).Order());
        Assert.Equal(ranked.Select(parts => parts[0]).OrderDescending(), ranked.Select(parts => parts[0]));
        Assert.Equal(
            ranked.Take(2).Select(parts => files[Array.IndexOf(documents, parts[1])]),
            read.Output.TrimEnd().Split('\n').Select(line => line.Trim().Split("  ", 2)[1]));
        Assert.NotEqual(0, wrong.ExitCode);
        Assert.Contains("no encoder", wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Adapter_and_sampling_options_change_what_is_said()
    {
        var adapter = terminal.Home.File("adapter.gguf");
        RandomAdapterFile.Write(adapter, terminal.ModelPath, rank: 4, alpha: 32);
        string[] arguments = ["complete", "Hello", "--tokens", "12", "--temperature", "0", "--model", terminal.ModelPath];

        var plain = await terminal.RunAsync(arguments);
        var adapted = await terminal.RunAsync([.. arguments, "--lora", adapter]);
        var none = await terminal.RunAsync([.. arguments, "--lora", adapter + ":0"]);
        var penalized = await terminal.RunAsync(
            [.. arguments, "--repeat-penalty", "50", "--repeat-last-n", "-1", "--frequency-penalty", "2"]);

        Assert.Equal((0, ""), (adapted.ExitCode, adapted.Error));
        Assert.NotEqual(plain.Output, adapted.Output);
        Assert.Equal(plain.Output, none.Output);
        Assert.NotEqual(plain.Output, penalized.Output);
    }

    [Fact]
    public async Task Damaged_model_is_a_sentence_and_exit_code_1()
    {
        var path = terminal.Home.File("damaged.gguf");
        await File.WriteAllBytesAsync(path, (await File.ReadAllBytesAsync(terminal.ModelPath, Token))[..5000], Token);

        var result = await terminal.RunAsync(["ask", "hi", "--model", path]);

        Assert.True(result.IsMistake, $"exit code {result.ExitCode}");
        Assert.Equal("", result.Output);
        Assert.Contains(
            "damaged.gguf", Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("There is no command 'foo'", "foo", "--help")]
    [InlineData("There is no command 'aks'. Did you mean 'ask'? ", "aks")]
    [InlineData("'ask'", "aks", "--help")]
    [InlineData("'ask'", "aks", "--version")]
    [InlineData("There is no command 'foo'", "foo", "bar", "--model", "x")]
    [InlineData("'noos' has no option '--hlep'. Did you mean '--help'", "--hlep")]
    [InlineData("has no option '--kv'", "embed", "--kv", "abc")]
    [InlineData("Did you mean '--temperature'", "ask", "hi", "--temprature", "1")]
    [InlineData("Did you mean '--temperature'", "ask", "hi", "--temprature=1", "--help")]
    [InlineData("as a whole number", "ask", "hi", "--top-k", "abc")]
    [InlineData("as a number", "ask", "hi", "--temperature", "abc")]
    [InlineData("must be 1 or more, or -1", "ask", "hi", "--max-tokens", "0")]
    [InlineData("--chat-template-kwargs must be a JSON object", "ask", "hi", "--chat-template-kwargs", "x")]
    [InlineData("needs a model on this computer", "ask", "hi", "--model", "http://127.0.0.1:9/v1", "--min-p", "0.1")]
    [InlineData("The option --kv needs a model on this computer", "ask", "hi", "--model", "http://127.0.0.1:9/v1", "--kv", "q8")]
    [InlineData("The option --keep-cache needs a model", "up", "--port", "0", "--keep-cache", "--model", "http://127.0.0.1:9/v1")]
    public async Task Command_or_option_that_does_not_exist_or_does_nothing_is_a_mistake(string sentence, params string[] arguments)
    {
        var result = await terminal.RunAsync(arguments);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_that_begins_with_a_dash_is_no_option()
    {
        var number = await terminal.RunAsync(["complete", "-5 + 3", "--tokens", "2"]);
        var word = await terminal.RunAsync(["complete", "--tokens", "2", "--", "--once"]);

        Assert.Equal((0, 0), (number.ExitCode, word.ExitCode));
        Assert.StartsWith("-5 + 3", number.Output, StringComparison.Ordinal);
        Assert.StartsWith("--once", word.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_does_not_start_with_a_broken_grammar()
    {
        var grammar = terminal.Home.File("bad.gbnf");
        await File.WriteAllTextAsync(grammar, "root ::= (", Token);

        var result = await terminal.RunAsync(["up", "--port", "0", "--grammar", grammar]);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains("grammar", result.Error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Negative_seed_is_shown_as_it_was_given()
    {
        var result = await terminal.RunAsync(["ask", "Hello there", "--seed", "-3", "--temperature", "1", "--max-tokens", "3", "--json"]);

        var trace = JsonElement.Parse(result.Output);
        Assert.Equal(-3, trace.GetProperty("events").EnumerateArray().Last().GetProperty("seed").GetInt64());
        Assert.Equal(3, trace.GetProperty("generated_tokens").GetInt64());
    }

    [Theory]
    [InlineData("ask")]
    [InlineData("chat")]
    [InlineData("complete")]
    [InlineData("up")]
    public async Task Help_ends_with_examples(string command)
    {
        var result = await terminal.RunAsync([command, "--help"]);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains($"Examples:\n  noos {command}", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Complete_writes_the_beginning_and_what_follows()
    {
        string[] arguments = ["complete", "Once upon a time", "--tokens", "12", "--seed", "3", "--model", terminal.ModelPath];

        var first = await terminal.RunAsync(arguments);
        var second = await terminal.RunAsync(arguments);

        Assert.Equal(0, first.ExitCode);
        Assert.StartsWith("Once upon a time", first.Output, StringComparison.Ordinal);
        Assert.True(first.Output.Trim().Length > "Once upon a time".Length);
        Assert.Equal(first.Output, second.Output);
    }

    [Fact]
    public async Task Exam_reports_every_failure_of_a_model_that_knows_nothing()
    {
        var result = await terminal.RunAsync(["exam", "arithmetic", "--limit", "3", "--rounds", "2", "--json"]);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal(6, JsonElement.Parse(result.Output).GetProperty("failures").GetArrayLength());
    }

    [Fact]
    public async Task Up_serves_until_interrupted_and_tells_when_the_port_is_taken()
    {
        using var server = terminal.Start("up", "--port", "0", "--cache-memory", "1.5m");
        var greeting = await server.StandardOutput.ReadLineAsync(Token);
        Assert.StartsWith("Tiny is up: http://127.0.0.1:", greeting, StringComparison.Ordinal);
        Assert.Contains("/v1", await server.StandardOutput.ReadLineAsync(Token), StringComparison.Ordinal);
        var kept = await server.StandardOutput.ReadLineAsync(Token);
        if (kept!.Contains("owns this Noos", StringComparison.Ordinal))
        {
            // Said at the first start of a home, whichever test that is.
            kept = await server.StandardOutput.ReadLineAsync(Token);
        }

        Assert.Contains("in 1.5 MiB of memory", kept, StringComparison.Ordinal);
        var address = new Uri(greeting!["Tiny is up: ".Length..]);
        using var http = new HttpClient { BaseAddress = address };

        var page = await http.GetStringAsync(new Uri("/", UriKind.Relative), Token);
        using var answer = await http.PostAsync(
            new Uri("/v1/chat/completions", UriKind.Relative),
                new StringContent("""{"messages":[{"role":"user","content":"hi"}],"seed":3,"max_tokens":5,"temperature":1}"""), Token);
        var remote = await terminal.RunAsync(["ask", "hi", "--model", new Uri(address, "v1#any").AbsoluteUri, "--json"]);
        var taken = await terminal.RunAsync(["up", "--port", $"{address.Port}", "--no-journal"]);
        var second = await terminal.RunAsync(["up", "--port", "0"]);
        var file = new FileInfo(terminal.Home.File("server.json"));
        var (isThere, mode) = (file.Exists, file.UnixFileMode);

        // SIGTERM, which is handled alike: a SIGINT that the parent of the tests ignores is ignored by all its children.
        using (var kill = Process.Start("sh", ["-c", $"kill -TERM {server.Id}"]))
        {
            await server.WaitForExitAsync(Token);
        }

        Assert.Contains("<title>Noos</title>", page, StringComparison.Ordinal);
        Assert.True(answer.IsSuccessStatusCode);
        Assert.Equal(5, JsonElement.Parse(await answer.Content.ReadAsStringAsync(Token))
            .GetProperty("usage")
            .GetProperty("completion_tokens")
            .GetInt32());
        Assert.Equal((0, ""), (remote.ExitCode, remote.Error));
        Assert.True(JsonElement.Parse(remote.Output).GetProperty("generated_tokens").GetInt64() > 0);
        Assert.Equal(1, taken.ExitCode);
        Assert.Contains("choose another with --port", taken.Error, StringComparison.Ordinal);
        Assert.Equal((75, ""), (second.ExitCode, second.Output));
        Assert.Contains("Another Noos holds the home", Assert.Single(second.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.Equal((true, UnixFileMode.UserRead | UnixFileMode.UserWrite), (isThere, mode));
        Assert.False(File.Exists(file.FullName));
        Assert.Equal(0, server.ExitCode);
    }
}
