using System.Text.Json;
using Noos.Testing;

namespace Noos.Cli.Tests;

/// <summary>Pictures on the command line: real programs, a tiny model, a vision model on a loopback socket.</summary>
public sealed class LookCommandTests : IDisposable
{
    readonly Terminal _terminal = new();

    public void Dispose() => _terminal.Dispose();

    [Fact]
    public async Task Look_tells_what_is_certain_and_what_the_chosen_model_says()
    {
        using var vision = new LoopbackVision("One red square.").Start();
        var picture = Write("square.png", SamplePictures.RedSquare);

        var facts = await _terminal.RunAsync(["look", picture]);
        var asked = await _terminal.RunAsync(["look", picture, "How many squares?", "--region", "center", "--eye", vision.Address]);
        _terminal.Variables["NOOS_EYE"] = vision.Address;
        var json = await _terminal.RunAsync(["look", picture, "--json"]);

        Assert.Equal((0, 0, 0), (facts.ExitCode, asked.ExitCode, json.ExitCode));
        Assert.Contains("no description model is installed", facts.Output, StringComparison.Ordinal);
        Assert.Contains("Answer about it by the model looker, which may be wrong: One red square.", asked.Output, StringComparison.Ordinal);
        Assert.Contains("Looked at: 60 x 40 pixels from column 30, row 20", asked.Output, StringComparison.Ordinal);
        var report = JsonElement.Parse(json.Output);
        Assert.Equal("image/png", report.GetProperty("mediaType").GetString());
        Assert.Contains("Description by the model looker", report.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, vision.Pictures.Count());
    }

    [Fact]
    public async Task Question_with_a_picture_is_answered_and_a_vision_model_gets_the_picture()
    {
        using var vision = new LoopbackVision("It is red.").Start();
        var picture = Write("square.png", SamplePictures.RedSquare);

        var local = await _terminal.RunAsync(["ask", "--file", picture, "--max-tokens", "3", "Which colours has it?"]);
        var remote = await _terminal.RunAsync(["ask", "--model", vision.Address, "--file", picture, "Which colours has it?"]);

        Assert.True(local.ExitCode == 0, local.Error);
        Assert.Equal((0, "It is red.\n"), (remote.ExitCode, remote.Output));
        Assert.Equal($"data:image/png;base64,{Convert.ToBase64String(SamplePictures.RedSquare)}", Assert.Single(vision.Pictures));
    }

    [Fact]
    public async Task Mistakes_are_told_in_a_sentence()
    {
        var text = Write("a.png", "hello"u8.ToArray());
        var bomb = Write("b.png", SamplePictures.Png(9, 9, (_, _) => default, (90_000, 90_000)));
        var damaged = Write("c.png", SamplePictures.RedSquare[..60]);
        using var failing = new LoopbackVision("", 500).Start();
        _terminal.Variables["NOOS_EYE"] = failing.Address;

        var results = new List<Terminal.Result>();
        foreach (var arguments in (string[][])[
            ["look", text], ["look", bomb], ["look", damaged], ["look", "none.png"], ["look", text, "--eye", "llava"],
            ["ask", "--file", damaged, "What?"]])
        {
            results.Add(await _terminal.RunAsync(arguments));
        }

        var facts = await _terminal.RunAsync(["look", Write("d.png", SamplePictures.RedSquare)]);

        Assert.Equal([1, 77, 65, 66, 1, 65], results.Select(result => result.ExitCode));
        Assert.All(results, result => Assert.Single(result.Error.TrimEnd().Split('\n')));
        Assert.Contains("'llava' is no eye", results[4].Error, StringComparison.Ordinal);
        Assert.Contains("'c.png': The picture is damaged", results[5].Error, StringComparison.Ordinal);
        Assert.Equal(0, facts.ExitCode);
        Assert.Contains("What it shows cannot be told: The model at ", facts.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_says_what_looks_and_what_reads()
    {
        var without = await _terminal.RunAsync(["doctor", "--sandbox", "interpreter"]);
        _terminal.Variables["NOOS_EYE"] = "http://localhost:1/v1#looker";
        var with = await _terminal.RunAsync(["doctor", "--sandbox", "interpreter"]);

        Assert.Contains("no description model is chosen", without.Output, StringComparison.Ordinal);
        Assert.Contains("export NOOS_EYE=", without.Output, StringComparison.Ordinal);
        Assert.Contains("http://localhost:1/v1#looker says what pictures show.", with.Output, StringComparison.Ordinal);
        Assert.Contains("tesseract", with.Output, StringComparison.Ordinal);
    }

    string Write(string name, byte[] content)
    {
        var path = Path.Combine(_terminal.Home.CreateFolder("given"), name);
        File.WriteAllBytes(path, content);
        return path;
    }
}
