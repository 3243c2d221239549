using Noos.Inference.Kernels;
using Noos.Inference.Kernels.Panels;
using Noos.Inference.Threading;

namespace Noos.Inference.Speech;

/// <summary>
/// Whisper's input: log10 of the energy in mel bands, of windows of 25 ms every 10 ms, clipped to 80 dB below the loudest. The Fourier
/// transform of 400 samples is computed as a matrix product, windows being rows that overlap: for so few samples the float GEMM is as
/// fast as an FFT, and needs no other code. One at a time; not thread-safe.
/// </summary>
sealed unsafe class LogMelSpectrogram : IDisposable
{
    public const int SampleRate = 16_000;

    /// <summary>Samples of a window.</summary>
    public const int WindowLength = 400;

    /// <summary>Samples from one window to the next.</summary>
    public const int Hop = 160;

    /// <summary>Frequencies of a window, 40 Hz apart.</summary>
    public const int Bins = (WindowLength / 2) + 1;

    const int FramesPerTile = 64;

    // Real parts, then imaginary ones, each in whole panels.
    const int BinStride = (Bins + Panel.Rows - 1) / Panel.Rows * Panel.Rows;
    const float Floor = 1e-10f;
    const float Range = 8;

    readonly ThreadTeam _team;
    readonly int _mels;
    readonly int _melStride;
    readonly NativeBuffer<float> _fourier = new();
    readonly NativeBuffer<float> _filters = new();
    readonly NativeBuffer<float> _samples = new();
    readonly NativeBuffer<float>[] _tiles;
    float[] _maxima = [];

    /// <param name="filters">[mels, <see cref="Bins"/>]</param>
    /// <param name="mels">Number of bands.</param>
    /// <param name="team">Shares the frames.</param>
    public LogMelSpectrogram(ReadOnlySpan<float> filters, int mels, ThreadTeam team)
    {
        (_team, _mels) = (team, mels);
        _melStride = Panel.Count(mels) * Panel.Rows;
        _fourier.Reserve(2L * BinStride * WindowLength);
        _filters.Reserve((long)_melStride * Bins);
        new Span<float>(_fourier.Start, (int)_fourier.Length).Clear();
        new Span<float>(_filters.Start, (int)_filters.Length).Clear();
        for (var bin = 0; bin < Bins; bin++)
        {
            for (var sample = 0; sample < WindowLength; sample++)
            {
                // Periodic Hann window; the angle is reduced first, so that it is exact.
                var hann = 0.5 - (0.5 * Math.Cos(2 * Math.PI * sample / WindowLength));
                var (sine, cosine) = Math.SinCos(2 * Math.PI * (bin * sample % WindowLength) / WindowLength);
                *At(_fourier.Start, bin, sample, WindowLength) = (float)(hann * cosine);
                *At(_fourier.Start, BinStride + bin, sample, WindowLength) = (float)(hann * sine);
            }

            for (var mel = 0; mel < mels; mel++)
            {
                *At(_filters.Start, mel, bin, Bins) = filters[(mel * Bins) + bin];
            }
        }

        _tiles = new NativeBuffer<float>[team.Size];
        for (var member = 0; member < _tiles.Length; member++)
        {
            _tiles[member] = new NativeBuffer<float>();
            _tiles[member].Reserve((long)FramesPerTile * ((2 * BinStride) + _melStride));
        }
    }

    /// <summary>Computes the spectrogram of a recording with silence behind it.</summary>
    /// <param name="samples">At 16 kHz, in -1 .. 1; what lies behind the frames is not looked at.</param>
    /// <param name="frames">Number of frames.</param>
    /// <param name="output">[frames, mels]</param>
    public void Compute(ReadOnlySpan<float> samples, int frames, float* output)
    {
        Load(samples, frames);
        var tiles = (frames + FramesPerTile - 1) / FramesPerTile;
        _maxima = new float[tiles];
        _team.Run(member =>
        {
            while (_team.TryTake(member, tiles, out var tile))
            {
                _maxima[tile] = ComputeTile(tile, frames, output, _tiles[member].Start);
            }
        });
        var least = _maxima.Max() - Range;
        for (var i = 0L; i < (long)frames * _mels; i++)
        {
            output[i] = (MathF.Max(output[i], least) + 4) / 4;
        }
    }

    public void Dispose()
    {
        _fourier.Dispose();
        _filters.Dispose();
        _samples.Dispose();
        Array.ForEach(_tiles, tile => tile.Dispose());
    }

    /// <summary>Centres the first window on the first sample: before it the recording is mirrored, as PyTorch's stft does.</summary>
    void Load(ReadOnlySpan<float> samples, int frames)
    {
        const int Padding = WindowLength / 2;
        var length = ((frames - 1) * Hop) + WindowLength;
        _samples.Reserve(length);
        var buffer = new Span<float>(_samples.Start, length);
        buffer.Clear();
        var taken = samples[..Math.Min(samples.Length, length - Padding)];
        taken.CopyTo(buffer[Padding..]);
        for (var i = 1; i <= Padding && i < taken.Length; i++)
        {
            buffer[Padding - i] = taken[i];
        }
    }

    /// <returns>The largest logarithm.</returns>
    float ComputeTile(int tile, int frames, float* output, float* scratch)
    {
        var first = tile * FramesPerTile;
        var count = Math.Min(FramesPerTile, frames - first);
        const int Stride = 2 * BinStride;
        var bands = scratch + (FramesPerTile * Stride);
        new Span<float>(scratch, FramesPerTile * (Stride + _melStride)).Clear();
        for (var panel = 0; panel < Stride / Panel.Rows; panel++)
        {
            FloatGemm.Multiply(
                _fourier.Start + ((long)panel * Panel.Rows * WindowLength), WindowLength, _samples.Start + ((long)first * Hop), Hop, count,
                scratch + (panel * Panel.Rows), Stride);
        }

        for (var frame = 0; frame < count; frame++)
        {
            var row = scratch + (frame * Stride);
            for (var bin = 0; bin < Bins; bin++)
            {
                row[bin] = (row[bin] * row[bin]) + (row[BinStride + bin] * row[BinStride + bin]);
            }
        }

        for (var panel = 0; panel < _melStride / Panel.Rows; panel++)
        {
            FloatGemm.Multiply(
                _filters.Start + ((long)panel * Panel.Rows * Bins), Bins, scratch, Stride, count, bands + (panel * Panel.Rows),
                _melStride);
        }

        var max = float.NegativeInfinity;
        for (var frame = 0; frame < count; frame++)
        {
            for (var mel = 0; mel < _mels; mel++)
            {
                var value = MathF.Log10(MathF.Max(bands[(frame * _melStride) + mel], Floor));
                output[((long)(first + frame) * _mels) + mel] = value;
                max = MathF.Max(max, value);
            }
        }

        return max;
    }

    /// <summary>The place of an element in a matrix of panels.</summary>
    static float* At(float* panels, int row, int column, int columns) =>
        panels + (((long)(row / Panel.Rows * columns) + column) * Panel.Rows) + (row % Panel.Rows);
}
