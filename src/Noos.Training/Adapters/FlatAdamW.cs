using System.Numerics;
using Noos.Language.Safetensors;
using Noos.Training.Model.Fused;
using Noos.Training.Optimizers;

namespace Noos.Training.Adapters;

/// <summary>AdamW (Loshchilov and Hutter, 2019) over one flat buffer, without libtorch.</summary>
sealed unsafe class FlatAdamW : IDisposable
{
    readonly Workspace _workspace = new();
    readonly AdamWOptions _options;
    readonly float* _values;
    readonly long _length;
    readonly float* _first;
    readonly float* _second;

    /// <param name="values">[length] changed in place</param>
    public FlatAdamW(float* values, long length, AdamWOptions options)
    {
        _values = values;
        (_length, _options) = (length, options);
        _first = _workspace.Take(length);
        _second = _workspace.Take(length);
    }

    /// <summary>Number of updates so far; set when a checkpoint is loaded.</summary>
    public long StepCount { get; set; }

    /// <summary>One update.</summary>
    /// <param name="gradient">[length]</param>
    /// <param name="clip">What the gradient is multiplied with.</param>
    /// <param name="schedule">Scales the peak learning rate.</param>
    public void Step(float* gradient, double clip, double schedule)
    {
        StepCount++;
        var rate = _options.LearningRate * schedule;
        var (beta1, beta2) = ((float)_options.Beta1, (float)_options.Beta2);

        // The moments start at zero; divided by 1 − βⁿ they are unbiased while they are young.
        var step = (float)(rate / (1 - Math.Pow(_options.Beta1, StepCount)));
        var correction = (float)(1 / Math.Sqrt(1 - Math.Pow(_options.Beta2, StepCount)));
        var kept = (float)(1 - (rate * _options.WeightDecay));
        var (epsilon, factor) = ((float)_options.Epsilon, (float)clip);
        var lanes = Vector<float>.Count;
        long i = 0;
        for (; i + lanes <= _length; i += lanes)
        {
            var g = Vector.Load(gradient + i) * factor;
            var m = (Vector.Load(_first + i) * beta1) + (g * (1 - beta1));
            var v = (Vector.Load(_second + i) * beta2) + (g * g * (1 - beta2));
            m.Store(_first + i);
            v.Store(_second + i);
            var change = m * step / ((Vector.SquareRoot(v) * correction) + new Vector<float>(epsilon));
            ((Vector.Load(_values + i) * kept) - change).Store(_values + i);
        }

        for (; i < _length; i++)
        {
            var g = gradient[i] * factor;
            _first[i] = (_first[i] * beta1) + (g * (1 - beta1));
            _second[i] = (_second[i] * beta2) + (g * g * (1 - beta2));
            _values[i] = (_values[i] * kept) - (_first[i] * step / ((MathF.Sqrt(_second[i]) * correction) + epsilon));
        }
    }

    public IEnumerable<SafetensorsEntry> ToEntries() => [Entry("first", _first), Entry("second", _second)];

    /// <summary>Takes the moments of a checkpoint; false where it has others.</summary>
    public bool TryLoad(SafetensorsFile file) => TryRead(file.Data("first"), _first) && TryRead(file.Data("second"), _second);

    public void Dispose() => _workspace.Dispose();

    SafetensorsEntry Entry(string name, float* moment)
    {
        var place = (nint)moment;
        return new SafetensorsEntry(
            name, SafetensorsType.F32, [_length],
            stream => stream.Write(new ReadOnlySpan<byte>((void*)place, checked((int)(_length * sizeof(float))))));
    }

    bool TryRead(ReadOnlySpan<byte> stored, float* moment)
    {
        if (stored.Length != _length * sizeof(float))
        {
            return false;
        }

        stored.CopyTo(new Span<byte>(moment, stored.Length));
        return true;
    }
}
