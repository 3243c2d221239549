using System.Diagnostics;

namespace Noos.Cli.Tests;

/// <summary>What a user gets wrong is told in one sentence, before anything runs.</summary>
public sealed class MistakeTests(Terminal terminal) : IClassFixture<Terminal>
{
    [Theory]
    [InlineData("--dimensions must be 1 or more", "embed", "a", "--dimensions", "0")]
    [InlineData("--dimensions must be 1 or more", "embed", "a", "--dimensions", "-1")]
    [InlineData("--steps must be 0 or more", "exam", "arithmetic", "--steps", "-1")]
    [InlineData("--minutes must be from 0 to", "pretrain", "r.toml", "--minutes", "NaN")]
    [InlineData("--draft-tokens must be from 0 to 64", "ask", "hi", "--draft-tokens", "65")]
    [InlineData("is a pipe, a device or a socket", "ask", "hi", "--file", "/dev/zero")]
    [InlineData("is a pipe, a device or a socket", "ask", "hi", "--model", "/dev/zero")]
    [InlineData("is a pipe, a device or a socket", "ask", "hi", "--grammar", "/dev/zero")]
    [InlineData("is a pipe, a device or a socket", "inspect", "/dev/zero")]
    [InlineData("--greedy-spans must be true or false, not 'maybe'", "ask", "Say hi", "--greedy-spans", "maybe")]
    [InlineData("--no-loop-guard takes no value; leave out 'yes'", "ask", "Say hi", "--no-loop-guard", "yes")]
    [InlineData("There is no capability 'nosuch'; there are net, files.read", "ask", "hi", "--allow", "nosuch")]
    [InlineData("There is no Python at /nofile", "ask", "hi", "--python", "/nofile")]
    [InlineData("from -100 to 100", "ask", "hi", "--logit-bias", "5=101")]
    [InlineData("--sandbox must be one of bubblewrap, landlock, interpreter, not 'x'.", "ask", "hi", "--sandbox", "x")]
    [InlineData("--pooling must be one of mean, cls, last, not 'x'.", "embed", "a", "--pooling", "x")]
    [InlineData("<priority> must be one of interactive, continuation, agent, background, not 'x'.", "nice", "1", "x")]
    [InlineData("--max-tokens must be 1 or more, or -1", "ask", "hi", "--max-tokens", "0")]
    public async Task Mistake_is_one_sentence(string sentence, params string[] arguments)
    {
        var result = await terminal.RunAsync(arguments);

        Assert.True(result.IsMistake, $"exit code {result.ExitCode}: {result.Error}");
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("complete", "Once", "--tokens", "2", "--top-k", "-1", "--top-nsigma", "-1")]
    [InlineData("ask", "Once", "--max-tokens", "2", "--top-k", "-1", "--greedy-spans", "false", "--no-loop-guard")]
    [InlineData("ask", "What", "is", "--max-tokens", "2", "on", "top")]
    public async Task Usual_values_and_words_are_taken(params string[] arguments)
    {
        var result = await terminal.RunAsync(arguments);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task Pipe_is_refused_and_not_waited_for()
    {
        var pipe = terminal.Home.File("pipe.gguf");
        using (var made = Process.Start("mkfifo", pipe))
        {
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var result = await terminal.RunAsync(["inspect", pipe]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("is a pipe, a device or a socket", result.Error, StringComparison.Ordinal);
    }
}
