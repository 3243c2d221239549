using Noos.Core;
using Noos.Factory.Models;
using Noos.Factory.Policies;
using Noos.Language.Gguf;
using Noos.Testing;
using Noos.Training.Gradients;
using Noos.Training.Model;
using Noos.Training.Reinforcement;
using Noos.Training.Runs;

namespace Noos.Factory.Tests.Policies;

/// <summary>Answers drawn by an engine elsewhere, over real sockets.</summary>
public sealed class EndpointSamplerTests : IDisposable
{
    static readonly SamplerOptions s_sampler = new() { MaxTokens = 6, Type = GgufTensorType.F32, Parallel = 3 };

    static readonly PolicyOptions s_options = new()
    {
        Reinforcement = new ReinforcementOptions
        {
            Iterations = 2,
            PromptsPerIteration = 3,
            AnswersPerPrompt = 2,
            RowsPerStep = 6,
            TextRows = 0,
            MaxKl = 1000,
            MaxTokenKl = 1000,
        },
        Sampler = s_sampler,
        LearningRate = 1e-3,
        Prompts = 20,
        Generators = ["formats", "talk"],
        HeldOut = 0,
    };

    readonly TinyModel _file = new();
    readonly TemporaryFolder _folder = new();
    readonly TrainableModel _model;

    public EndpointSamplerTests() => _model = TrainableModel.Open(_file.Path);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _model.Dispose();
        _file.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Policy_is_trained_by_answers_of_an_engine_that_is_given_its_weights_each_iteration()
    {
        using var engine = new Engine();
        using var server = new LoopbackCompletions(engine.Complete) { OnReload = engine.Load }.Start();
        using var sampler = Sampler(server);

        var report = new PolicyTraining(s_options, _model, [], _folder.File("run")) { Sampler = sampler }
            .Run(services: new RunServices { MeasurePeak = () => 1e9 }, cancellationToken: Token)!;

        Assert.Null(report.Stopped);
        Assert.Equal(2, engine.Loaded);

        // Engine and trainer computed with the same weights, in both iterations.
        Assert.All(report.Iterations, metrics => Assert.InRange(metrics.EngineKl!.Value, 0, 1e-6));
        Assert.Equal(12, server.Requests.Count(request => request.Path == "/v1/completions"));
        Assert.All(server.Requests.Where(request => request.Path == "/v1/completions"), request =>
        {
            Assert.Equal("policy", request.Body.GetProperty("model").GetString());
            Assert.Equal((1, 1, 0), (
                request.Body.GetProperty("temperature").GetInt32(), request.Body.GetProperty("top_p").GetInt32(),
                request.Body.GetProperty("top_k").GetInt32()));
            Assert.Equal(_model.Tokenizer.EndOfTurn, request.Body.GetProperty("stop_token_ids")[0].GetInt32());
        });
        Assert.Equal(12, server.Requests.Where(request => request.Path == "/v1/completions")
            .Select(request => request.Body.GetProperty("seed").GetInt64()).Distinct().Count());
    }

    [Fact]
    public void Engine_with_other_weights_than_the_trainer_stops_the_run()
    {
        using var engine = new Engine();
        using var parameters = new Parameters(_model.Config);
        parameters.Initialize(99);
        _model.Write(_folder.File("other.gguf"), parameters, GgufTensorType.F32);
        engine.Load(_folder.File("other.gguf"));
        using var server = new LoopbackCompletions(engine.Complete).Start();
        using var sampler = Sampler(server, reloads: false);

        var report = new PolicyTraining(s_options, _model, [], _folder.File("run")) { Sampler = sampler }
            .Run(services: new RunServices { MeasurePeak = () => 1e9 }, cancellationToken: Token)!;

        Assert.Equal("engine", report.Stopped!.Name);
        Assert.True(report.Iterations[0].EngineKl > 0.1);
    }

    [Fact]
    public void Engine_that_refuses_or_says_no_token_ids_is_told_in_a_sentence()
    {
        using var engine = new Engine();
        using var server = new LoopbackCompletions(engine.Complete) { OnReload = engine.Load, Refusals = 1 }.Start();
        using var sampler = Sampler(server);
        using var policy = new Parameters(_model.Config);
        _model.Load(policy);

        var refused = Assert.Throws<NoosException>(() => Draw());
        server.IsPlain = true;
        var plain = Assert.Throws<NoosException>(() => Draw());
        server.Dispose();
        var gone = Assert.Throws<NoosException>(() => Draw());

        Assert.Equal((ErrorKind.Unavailable, ErrorKind.Damaged, ErrorKind.Unavailable), (refused.Kind, plain.Kind, gone.Kind));
        Assert.Contains("503: busy", refused.Message, StringComparison.Ordinal);
        Assert.Contains("return_tokens_as_token_ids", plain.Message, StringComparison.Ordinal);

        void Draw() => sampler.Sample(
            policy, PolicyPrompts.Create(4, 1, [], _model.Format, 100, ["talk"]).First(1), 1, 1, Token);
    }

    EndpointSampler Sampler(LoopbackCompletions server, bool reloads = true) => new(_model, s_sampler, new EndpointSamplerOptions(
        server.Address, "policy", _folder.File("weights/policy.gguf"))
    {
        Reload = reloads ? server.Reload : null,
    });

    /// <summary>Draws from the weights that it was given, by the trainer's arithmetic.</summary>
    sealed class Engine : IDisposable
    {
        TrainableModel? _model;
        Parameters? _parameters;

        public int Loaded { get; private set; }

        public void Load(string path)
        {
            Dispose();
            Loaded++;
            _model = TrainableModel.Open(path);
            _parameters = new Parameters(_model.Config);
            _model.Load(_parameters);
        }

        public (int[] Tokens, float[] LogProbabilities, bool IsEnded) Complete(int[] prompt, long seed, int maxTokens)
        {
            // Another one for each seed, and scored as it stands.
            var random = new Random((int)(seed % int.MaxValue));
            var tokens = Enumerable.Range(0, maxTokens - 1).Select(_ => random.Next(40, _model!.Tokenizer.VocabularySize))
                .Append(_model!.Tokenizer.EndOfTurn).ToArray();
            using var scorer = new RowScorer(_parameters!, 1);
            int[] all = [.. prompt, .. tokens];
            var isTarget = new bool[all.Length - 1];
            isTarget.AsSpan(prompt.Length - 1).Fill(true);
            var scores = scorer.LogProbabilities([new TrainingRow(all, isTarget)])[0];
            return (tokens, scores[(prompt.Length - 1)..], true);
        }

        public void Dispose()
        {
            _parameters?.Dispose();
            _model?.Dispose();
        }
    }
}
