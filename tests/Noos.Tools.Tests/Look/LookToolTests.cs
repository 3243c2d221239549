using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Devices;
using Noos.Core.Tools;
using Noos.Kernel.Gate;
using Noos.Testing;
using Noos.Tools.Look;

namespace Noos.Tools.Tests.Look;

/// <summary>The tool behind the real gate, with an eye that repeats what it was asked.</summary>
public sealed class LookToolTests : IDisposable
{
    readonly TemporaryFolder _home = new();
    readonly string _folder;
    readonly ToolGate _gate = new(new ToolLimits());
    readonly EchoEye _eye = new();

    public LookToolTests() => _folder = _home.CreateFolder("conversation");

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Picture_of_the_conversation_is_looked_at_as_asked()
    {
        File.WriteAllBytes(Path.Combine(_folder, "Photo.png"), SamplePictures.RedSquare);

        var outcome = await CallAsync("""{"image": "photo.png", "region": "top left", "question": "Is it red?"}""");

        Assert.False(outcome.Result.IsError);
        Assert.Equal(
            $"{SamplePictures.RedSquare.Length} bytes, top left, Is it red?", Assert.IsType<TextPart>(outcome.Result.Parts.Single()).Text);
        Assert.Equal(Origin.File, outcome.Result.Origin);
    }

    [Theory]
    [InlineData("""{"image": "none.png"}""", "No file was given in this conversation")]
    [InlineData("""{"image": "../secret.png"}""", "secret.png")]
    [InlineData("""{}""", "image")]
    public async Task Picture_that_is_not_there_is_told(string arguments, string expected)
    {
        File.WriteAllBytes(_home.File("secret.png"), SamplePictures.RedSquare);
        var outcome = await CallAsync(arguments);

        Assert.True(outcome.Result.IsError);
        Assert.Contains(expected, Assert.IsType<TextPart>(outcome.Result.Parts.Single()).Text, StringComparison.Ordinal);
        Assert.Equal(0, _eye.Looks);
    }

    [Fact]
    public async Task Link_that_code_has_put_there_is_not_followed()
    {
        File.WriteAllBytes(_home.File("secret.png"), SamplePictures.RedSquare);
        File.CreateSymbolicLink(Path.Combine(_folder, "mine.png"), _home.File("secret.png"));

        Assert.True((await CallAsync("""{"image": "mine.png"}""")).Result.IsError);
        Assert.Equal(0, _eye.Looks);
    }

    [Fact]
    public async Task Refusal_of_the_eye_is_a_result_that_the_model_reads()
    {
        File.WriteAllText(Path.Combine(_folder, "a.png"), "");
        var outcome = await CallAsync("""{"image": "a.png"}""");

        Assert.True(outcome.Result.IsError);
        Assert.Equal("The picture is empty.", Assert.IsType<TextPart>(outcome.Result.Parts.Single()).Text);
    }

    [Fact]
    public void Eye_elsewhere_is_told_to_the_gate_before_anything_is_sent()
    {
        File.WriteAllBytes(Path.Combine(_folder, "a.png"), SamplePictures.RedSquare);
        var call = new ToolCallPart("look", JsonElement.Parse("""{"image": "a.png", "question": "Who?"}"""));
        ITool near = new LookTool(_eye);
        ITool far = new LookTool(new EchoEye { Service = "http://localhost:8080" });

        Assert.Equal([Capability.ReadFiles], near.Needs);
        Assert.Equal([Capability.ReadFiles, Capability.Network], far.Needs);
        Assert.Equal(
            [("a.png", EffectKind.Read), ("http://localhost:8080", EffectKind.Query)],
            far.EffectsOf(call, new FolderContext(_folder))!.Select(effect => (Path.GetFileName(effect.Target), effect.Kind))
                .Select(pair => pair.Kind == EffectKind.Query ? ("http://localhost:8080", pair.Kind) : pair));
        Assert.Single(near.EffectsOf(call, new FolderContext(_folder))!);
    }

    ValueTask<ToolOutcome> CallAsync(string arguments) => _gate.InvokeAsync(
        new LookTool(_eye), new ToolCallPart("look", JsonElement.Parse(arguments)), new Caller("test") { Folder = _folder },
        TestContext.Current.CancellationToken);

    sealed class EchoEye : IEye
    {
        public int Looks { get; private set; }

        public string? Service { get; init; }

        public Task<ImageReport> LookAsync(ReadOnlyMemory<byte> content, LookRequest request, CancellationToken cancellationToken = default)
        {
            Looks++;
            return content.IsEmpty
                ? throw new NoosException("The picture is empty.")
                : Task.FromResult(new ImageReport("image/png", $"{content.Length} bytes, {request.Region}, {request.Question}"));
        }
    }

    sealed class FolderContext(string folder) : IToolContext
    {
        public string ProcessId => "test";

        public TimeProvider TimeProvider => TimeProvider.System;

        public HttpClient Http => throw new NotSupportedException();

        public string? Folder => folder;

        public Origin? Taint => null;
    }
}
