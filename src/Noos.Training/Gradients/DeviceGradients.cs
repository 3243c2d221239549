using Noos.Core;
using Noos.Training.Kernels;
using Noos.Training.Model;
using Noos.Training.Objectives;
using Noos.Training.Torch;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Noos.Training.Gradients;

/// <summary>
/// Gradients by autograd over whole batches of rows on a device of TorchSharp: a GPU for larger models, or this processor to hold the other
/// kernels against. The weights travel to the device before each batch and the gradient back, so that optimizer, checkpoints and
/// everything else stay what they are.
/// </summary>
/// <remarks>
/// Next-token objectives only (<see cref="CrossEntropy"/>, <see cref="WeightedCrossEntropy"/>): those that read hidden states or logits do
/// so in this processor's memory. On a GPU sums are made in no fixed order: a resumed run learns the same, not to the bit.
/// </remarks>
public sealed class DeviceGradients : IGradientSource
{
    // Of one pass: the logits of so many take 0.3 GB at a vocabulary of 4,096, and three times that while they are differentiated.
    const int MaxTokens = 16_384;

    // PyTorch's mark for targets that do not count.
    const long Uncounted = -100;

    const int PeakWidth = 4096;
    const int PeakRounds = 10;

    readonly Parameters _parameters;
    readonly Device _device;
    readonly Precision _precision;
    readonly AutogradTransformer _model;
    readonly Tensor _values;
    readonly Tensor _gradients;

    /// <param name="parameters">The weights, read at each call.</param>
    /// <param name="products"><see cref="ProductOptions.Cuda"/> or <see cref="ProductOptions.Autograd"/>.</param>
    /// <exception cref="NoosException">There is no such device on this machine (Unavailable).</exception>
    public DeviceGradients(Parameters parameters, ProductOptions products)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(products);
        if (products.Kernels == ProductOptions.Cuda)
        {
            TorchRuntime.InitializeCuda();
        }

        _parameters = parameters;
        _precision = products.Precision;
        _device = device(products.Kernels == ProductOptions.Cuda ? TorchSharp.DeviceType.CUDA : TorchSharp.DeviceType.CPU);
        Gradient = zeros(parameters.Layout.Length).DetachFromDisposeScope();
        var isHere = _device.type == TorchSharp.DeviceType.CPU;
        _values = isHere ? parameters.Values : zeros(parameters.Layout.Length, device: _device).DetachFromDisposeScope();
        _gradients = isHere ? Gradient : zeros(parameters.Layout.Length, device: _device).DetachFromDisposeScope();
        _model = new AutogradTransformer(parameters.Layout, _values, _gradients, _precision);
    }

    /// <inheritdoc/>
    public Tensor Gradient { get; }

    /// <inheritdoc/>
    public double Norm { get; private set; }

    /// <inheritdoc/>
    public double Compute(IObjective objective, IReadOnlyList<TrainingRow> rows)
    {
        ArgumentNullException.ThrowIfNull(objective);
        ArgumentNullException.ThrowIfNull(rows);
        using var scope = NewDisposeScope();
        double weight = 0;
        foreach (var row in rows)
        {
            weight += objective.Weight([row]);
        }

        Send();
        using (no_grad())
        {
            _gradients.zero_();
        }

        double sum = 0;
        foreach (var batch in Batches(rows))
        {
            using var batchScope = NewDisposeScope();
            var loss = SummedLoss(objective, batch);
            (loss / weight).backward();
            sum += loss.item<float>();
        }

        using var noGradient = no_grad();
        if (!ReferenceEquals(_gradients, Gradient))
        {
            Gradient.copy_(_gradients);
        }

        Norm = _gradients.norm().item<float>();
        return sum / weight;
    }

    /// <inheritdoc/>
    public double Loss(IObjective objective, IReadOnlyList<TrainingRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        Send();
        return Batches(rows).Sum(batch => (double)SummedLoss(objective, batch).item<float>());
    }

    /// <inheritdoc/>
    public double MeasurePeak()
    {
        if (_device.type == TorchSharp.DeviceType.CPU)
        {
            return ComputeCost.MeasurePeak(_precision);
        }

        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var type = _precision == Precision.Bf16 ? ScalarType.BFloat16 : ScalarType.Float32;
        var square = ones(PeakWidth, PeakWidth, device: _device, dtype: type);
        _ = square.matmul(square)[0, 0].to(ScalarType.Float32).item<float>();
        var start = TimeProvider.System.GetTimestamp();
        var product = square;
        for (var round = 0; round < PeakRounds; round++)
        {
            product = square.matmul(square);
        }

        // Reading a value waits for the device.
        _ = product[0, 0].to(ScalarType.Float32).item<float>();
        return 2.0 * PeakWidth * PeakWidth * PeakWidth * PeakRounds / TimeProvider.System.GetElapsedTime(start).TotalSeconds;
    }

    public void Dispose()
    {
        _model.Dispose();
        if (!ReferenceEquals(_gradients, Gradient))
        {
            _values.Dispose();
            _gradients.Dispose();
        }

        Gradient.Dispose();
    }

    static IEnumerable<TrainingRow[]> Batches(IReadOnlyList<TrainingRow> rows)
    {
        var longest = rows.Max(row => row.Length);
        return rows.Chunk(Math.Max(1, MaxTokens / Math.Max(1, longest)));
    }

    /// <summary>The optimizer has changed the weights since.</summary>
    void Send()
    {
        if (!ReferenceEquals(_values, _parameters.Values))
        {
            using var noGradient = no_grad();
            _values.copy_(_parameters.Values);
        }
    }

    /// <summary>Sum of the weighted cross-entropies of all counted targets, on the device.</summary>
    Tensor SummedLoss(IObjective objective, TrainingRow[] rows)
    {
        if (objective is not (CrossEntropy or WeightedCrossEntropy))
        {
            throw new NoosException(
                ErrorKind.Refused,
                $"The objective '{objective.Name}' is computed on the processor; choose the kernels {ProductOptions.Auto} for it.");
        }

        // Rows that end sooner are filled up; what follows a row is never seen by it, and counts nowhere.
        var (length, vocabulary) = (rows.Max(row => row.Length), _parameters.Config.VocabularySize);
        var (tokens, targets, weights) = (new long[rows.Length * length], new long[rows.Length * length], new float[rows.Length * length]);
        Array.Fill(targets, Uncounted);
        var isWeighted = objective is WeightedCrossEntropy && rows.Any(row => row.Weights.Length > 0);
        for (var row = 0; row < rows.Length; row++)
        {
            var (from, to) = (rows[row], row * length);
            if (from.Length < 1 || from.Length > _parameters.Config.ContextLength || from.Tokens.Any(id => id < 0 || id >= vocabulary))
            {
                throw new ArgumentException(
                    $"A row has 1 to {_parameters.Config.ContextLength} positions and ids below {vocabulary}.", nameof(rows));
            }

            for (var position = 0; position < from.Length; position++)
            {
                tokens[to + position] = from.Tokens[position];
                weights[to + position] = from.Weights.Length > 0 ? from.Weights[position] : 1;
                if (from.Counts(position))
                {
                    targets[to + position] = from.Tokens[position + 1];
                }
            }
        }

        var logits = _model.Logits(tensor(tokens, [rows.Length, length], device: _device)).view(-1, vocabulary);
        var losses = functional.cross_entropy(
            logits, tensor(targets, device: _device), ignore_index: Uncounted,
            reduction: isWeighted ? Reduction.None : Reduction.Sum);
        return isWeighted ? (losses * tensor(weights, device: _device)).sum() : losses;
    }
}
