using Noos.Core;
using Noos.Language.Gguf;
using Noos.Testing;
using Noos.Training.Adapters;
using Noos.Training.Kernels;
using Noos.Training.Model;
using Noos.Training.Runs;

namespace Noos.Training.Tests.Adapters;

public sealed class AdapterRunTests : IDisposable
{
    static readonly AdapterPlan s_plan = new()
    {
        Steps = 12,
        RowsPerStep = 4,
        MaxLength = 40,
        TokensPerPass = 64,
        CheckpointEvery = 3,
        AdamW = new() { LearningRate = 5e-3, WeightDecay = 0 },
        Products = new ProductOptions { Precision = AdapterPlan.FastestPrecision },
    };

    readonly TemporaryFolder _folder = new();
    readonly string _model;

    public AdapterRunTests() => _model = SmallDecoder.Write(_folder.Path, SmallDecoder.Shape("tiny-llama"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_learns_its_rows_and_leaves_the_base_alone()
    {
        var before = File.ReadAllBytes(_model);
        using var model = FrozenDecoder.Open(_model, new LoraOptions { Rank = 8 });
        var rows = new Rows();
        using var run = new AdapterRun(model, s_plan with { Steps = 30 }, _folder.File("run"), rows);
        var first = run.Loss(rows.All);

        run.Run(CancellationToken.None);

        Assert.True(run.Loss(rows.All) < 0.5 * first, $"The loss went from {first} to {run.Loss(rows.All)}.");
        Assert.Equal(before, File.ReadAllBytes(_model));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(9)]
    public void Run_that_is_lost_after_some_updates_ends_bit_equal(int updates)
    {
        var options = new LoraOptions { Rank = 4, Dropout = 0.1 };
        using var model = FrozenDecoder.Open(_model, options);
        var whole = Train(model, "whole");

        // As a kill does it: what was computed after the last checkpoint is gone.
        var interrupted = new Rows { FailsAt = updates * s_plan.RowsPerStep };
        using (var run = new AdapterRun(model, s_plan, _folder.File("parts"), interrupted))
        {
            Assert.Throws<IOException>(() => run.Run(CancellationToken.None));
        }

        Assert.Equal(whole, Train(model, "parts"));
    }

    [Fact]
    public void Run_with_other_settings_is_not_continued()
    {
        using var model = FrozenDecoder.Open(_model, new LoraOptions { Rank = 4 });
        Train(model, "run");

        var failure = Assert.Throws<NoosException>(
            () => new AdapterRun(model, s_plan with { Seed = 2 }, _folder.File("run"), new Rows()).Dispose());

        Assert.Equal(ErrorKind.Refused, failure.Kind);
        using var other = FrozenDecoder.Open(_model, new LoraOptions { Rank = 5 });
        Assert.Throws<NoosException>(() => new AdapterRun(other, s_plan, _folder.File("run"), new Rows()).Dispose());
    }

    [Fact]
    public void Adapter_file_is_what_llama_cpp_reads()
    {
        using var model = FrozenDecoder.Open(_model, new LoraOptions { Rank = 4, Alpha = 6, Targets = ["attn_q", "ffn_down"] });
        using var run = new AdapterRun(model, s_plan with { Steps = 1 }, _folder.File("run"), new Rows());
        run.Run(CancellationToken.None);

        run.Write(_folder.File("adapter.gguf"), "mine");

        using var file = GgufFile.Open(_folder.File("adapter.gguf"));
        Assert.Equal("adapter", file.GetString("general.type"));
        Assert.Equal("lora", file.GetString("adapter.type"));
        Assert.Equal("llama", file.GetString("general.architecture"));
        Assert.Equal("mine", file.GetString("general.name"));
        Assert.Equal(6, file.GetFloat("adapter.lora.alpha"));
        Assert.Equal(8, file.Tensors.Count);
        Assert.True(file.TryGetTensor("blk.1.ffn_down.weight.lora_a", out var a));
        Assert.True(file.TryGetTensor("blk.1.ffn_down.weight.lora_b", out var b));
        Assert.Equal([160, 4], a.Dimensions);
        Assert.Equal([4, 128], b.Dimensions);
    }

    [Theory]
    [InlineData("tiny-phi3", "of architecture 'phi3'")]
    [InlineData("tiny-qwen3moe", "of architecture 'qwen3moe'")]
    public void Base_of_another_family_is_refused_in_a_sentence(string shape, string what)
    {
        var path = SmallDecoder.Write(_folder.Path, SmallDecoder.Shape(shape));

        var failure = Assert.Throws<NoosException>(() => FrozenDecoder.Open(path, new LoraOptions()).Dispose());

        Assert.Equal(ErrorKind.Invalid, failure.Kind);
        Assert.Contains(what, failure.Message);
    }

    float[] Train(FrozenDecoder model, string folder)
    {
        using var run = new AdapterRun(model, s_plan, _folder.File(folder), new Rows());
        run.Run(CancellationToken.None);
        Assert.True(run.IsComplete);
        return [.. model.Slots.SelectMany(slot => run.Parameters.A(slot).ToArray().Concat(run.Parameters.B(slot).ToArray()))];
    }

    sealed class Rows : IRowSource
    {
        public IReadOnlyList<TrainingRow> All { get; } =
            [.. Enumerable.Range(0, 6).Select(seed => SmallDecoder.Row(12 + (5 * seed), seed))];

        public long? FailsAt { get; init; }

        public TrainingRow Read(long index) =>
            index >= FailsAt ? throw new IOException("The test ends here.") : All[(int)(index % All.Count)];
    }
}
