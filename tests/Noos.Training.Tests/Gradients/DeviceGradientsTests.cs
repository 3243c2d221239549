using Noos.Core;
using Noos.Training.Gradients;
using Noos.Training.Kernels;
using Noos.Training.Model;
using Noos.Training.Objectives;
using Noos.Training.Tests.Model;
using Noos.Training.Tests.Runs;
using Noos.Training.Torch;

namespace Noos.Training.Tests.Gradients;

public sealed class DeviceGradientsTests : IDisposable
{
    static readonly ProductOptions s_here = new() { Kernels = ProductOptions.Autograd };

    readonly string _folder = Directory.CreateTempSubdirectory("noos-device-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void DeviceGradients_of_rows_of_several_lengths_are_those_of_the_team(bool weighted, bool isBf16)
    {
        using var parameters = SmallModel.Perturbed();
        var random = new Random(4);
        TrainingRow[] rows =
        [
            .. new[] { 96, 17, 60, 1 }.Select(length => new TrainingRow(
                SmallModel.Tokens(random, length), [.. Enumerable.Range(0, length).Select(i => i == 0 || random.Next(3) > 0)])
            {
                Weights = weighted ? SmallModel.Column(random, length, 0.5f, 2) : [],
            }),
        ];
        IObjective objective = weighted ? new WeightedCrossEntropy() : CrossEntropy.Instance;
        using var team = new GradientTeam(parameters, 2, products: new ProductOptions { Kernels = "portable" });
        using var device = new DeviceGradients(
            parameters, s_here with { Precision = isBf16 ? Precision.Bf16 : Precision.Fp32 });

        // Another batch before: nothing of it may be left.
        _ = device.Compute(objective, [rows[2]]);
        var (expected, actual) = (team.Compute(objective, rows), device.Compute(objective, rows));

        Assert.Equal(expected, actual, tolerance: (isBf16 ? 1e-2 : 1e-4) * expected);
        Assert.Equal(team.Norm, device.Norm, tolerance: (isBf16 ? 2e-2 : 1e-4) * team.Norm);
        Assert.Equal(team.Loss(objective, rows), device.Loss(objective, rows), tolerance: 1e-2 * team.Loss(objective, rows));
        if (isBf16)
        {
            SmallModel.AssertSimilarGradients(parameters.Layout, team.Gradient, device.Gradient);
        }
        else
        {
            SmallModel.AssertEqualGradients(parameters.Layout, team.Gradient, device.Gradient);
        }
    }

    [Fact]
    public void TrainingRun_by_autograd_learns_and_goes_on_after_a_stop()
    {
        var plan = TinyTraining.Plan with { Kernels = ProductOptions.Autograd };
        var losses = new List<double>();
        using var stop = new CancellationTokenSource();
        var observer = new TinyTraining.Observer(metrics =>
        {
            losses.Add(metrics.Loss);
            if (metrics.Step == 17)
            {
                stop.Cancel();
            }
        });
        using (var first = TinyTraining.Open(Path.Combine(_folder, "run"), plan, observer))
        {
            first.Run(stop.Token);
        }

        using var second = TinyTraining.Open(Path.Combine(_folder, "run"), plan, observer);
        Assert.Equal(17, second.Step);
        second.Run(CancellationToken.None);

        Assert.True(second.IsComplete);
        Assert.True(losses[^1] < 0.9 * losses[0], $"{losses[0]} to {losses[^1]}");
    }

    [Fact]
    public void DeviceGradients_refuse_an_objective_that_reads_hidden_states()
    {
        var objective = new PairwiseRanking();
        using var parameters = SmallModel.Perturbed(objective.HeadParameters(SmallModel.Config));
        using var device = new DeviceGradients(parameters, s_here);
        TrainingRow row = new(SmallModel.Tokens(new Random(1), 5), []);

        var refused = Assert.Throws<NoosException>(() => device.Compute(objective, [row, row]));

        Assert.Equal(ErrorKind.Refused, refused.Kind);
        Assert.Contains("choose the kernels auto", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cuda_where_there_is_none_is_one_sentence_that_says_what_it_needs()
    {
        using var parameters = SmallModel.Perturbed();
        Assert.SkipWhen(File.Exists("/dev/nvidia0"), "This machine has a CUDA device.");

        var missing = Assert.Throws<NoosException>(
            () => new DeviceGradients(parameters, new ProductOptions { Kernels = ProductOptions.Cuda }));

        Assert.Equal(ErrorKind.Unavailable, missing.Kind);
        Assert.Contains("NOOS_LIBTORCH", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_ones_own_that_holds_no_libtorch_is_named()
    {
        var package = new LibtorchPackage("libtorch", "1.0", 1, [_folder]) { OwnLibraries = _folder };

        Assert.Equal(ErrorKind.NotFound, Assert.Throws<NoosException>(package.FindLibraries).Kind);

        Directory.CreateDirectory(Path.Combine(_folder, "lib"));
        File.WriteAllText(Path.Combine(_folder, "lib", "libtorch.so"), "");
        Assert.Equal(Path.Combine(_folder, "lib"), package.FindLibraries());
    }
}
