using Noos.Corpus.Extraction.Classification;

namespace Noos.Bench.Extraction;

/// <summary>
/// Trains <see cref="BoostedTrees"/>: logistic loss with soft labels and weights, second-order gains (XGBoost, 2016), histograms of at most
/// 40 bins, trees grown by their best leaf (LightGBM, 2017). One thread; deterministic for a seed.
/// </summary>
/// <param name="width">Features of a row.</param>
/// <param name="trees">How many.</param>
/// <param name="leaves">Of each tree.</param>
/// <param name="seed">Of the samples of rows and features.</param>
sealed class BoostedTreesTrainer(int width, int trees = 150, int leaves = 32, int seed = 1)
{
    const int Bins = 40;
    const float LearningRate = 0.1f;
    const float Regularization = 2;
    const float RowShare = 0.6f;
    const float FeatureShare = 0.3f;

    readonly List<BoostedTrees.Node> _nodes = [];
    readonly List<int> _roots = [];
    readonly Random _random = new(seed);
    float[][] _thresholds = [];

    // A row's bins lie together: a leaf reads them as it goes over its rows.
    byte[] _bins = [];
    float[] _gradients = [];
    float[] _curvatures = [];
    float _minCurvature;

    /// <param name="features">Rows of <c>width</c>.</param>
    /// <param name="labels">From 0 to 1 for each row.</param>
    /// <param name="weights">For each row.</param>
    public BoostedTrees Train(float[] features, float[] labels, float[] weights)
    {
        var rows = labels.Length;
        Discretize(features, rows);
        var positive = labels.Zip(weights, (label, weight) => (double)label * weight).Sum();
        var all = weights.Sum(weight => (double)weight);
        var bias = (float)Math.Log(positive / (all - positive));
        var scores = new float[rows];
        Array.Fill(scores, bias);
        (_gradients, _curvatures) = (new float[rows], new float[rows]);
        _minCurvature = (float)(all * 2e-5);
        var sample = new int[rows];
        for (var tree = 0; tree < trees; tree++)
        {
            var count = 0;
            for (var row = 0; row < rows; row++)
            {
                var probability = 1 / (1 + MathF.Exp(-scores[row]));
                _gradients[row] = (probability - labels[row]) * weights[row];
                _curvatures[row] = Math.Max(probability * (1 - probability), 1e-4f) * weights[row];
                if (_random.NextSingle() < RowShare)
                {
                    sample[count++] = row;
                }
            }

            var root = Grow(sample[..count]);
            for (var row = 0; row < rows; row++)
            {
                scores[row] += Follow(root, row);
            }
        }

        return new BoostedTrees([.. _nodes.Select(ToThreshold)], [.. _roots], bias);
    }

    // While training, a node's value is a bin.
    BoostedTrees.Node ToThreshold(BoostedTrees.Node node) =>
        node.Feature < 0 ? node : node with { Value = _thresholds[node.Feature][(int)node.Value] };

    float Follow(int node, int row)
    {
        while (_nodes[node].Feature >= 0)
        {
            node = _bins[row * width + _nodes[node].Feature] <= _nodes[node].Value ? _nodes[node].Left : _nodes[node].Left + 1;
        }

        return _nodes[node].Value;
    }

    void Discretize(float[] features, int rows)
    {
        (_thresholds, _bins) = (new float[width][], new byte[rows * width]);
        var step = Math.Max(1, rows / 20_000);
        var values = new float[(rows + step - 1) / step];
        for (var feature = 0; feature < width; feature++)
        {
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = features[i * step * width + feature];
            }

            Array.Sort(values);
            var thresholds = new List<float>();
            for (var bin = 1; bin < Bins; bin++)
            {
                // Halfway between two values, so that a rounding error elsewhere changes nothing.
                var at = (int)((long)bin * values.Length / Bins);
                var next = Array.FindIndex(values, at, value => value > values[at]);
                if (next >= 0 && (thresholds.Count == 0 || (values[at] + values[next]) / 2 > thresholds[^1]))
                {
                    thresholds.Add((values[at] + values[next]) / 2);
                }
            }

            _thresholds[feature] = [.. thresholds, float.MaxValue];
        }

        for (var i = 0; i < _bins.Length; i++)
        {
            var found = Array.BinarySearch(_thresholds[i % width], features[i]);
            _bins[i] = (byte)(found < 0 ? ~found : found);
        }
    }

    int Grow(int[] sample)
    {
        int[] chosen = [.. Enumerable.Range(0, width).Where(_ => _random.NextSingle() < FeatureShare)];
        var root = _nodes.Count;
        _roots.Add(root);
        _nodes.Add(default);
        var open = new List<Leaf> { Measure(root, sample, chosen) };
        var finished = new List<Leaf>();
        while (open.Count > 0 && open.Count + finished.Count < leaves)
        {
            var best = open.MaxBy(leaf => leaf.Gain)!;
            open.Remove(best);
            if (best.Gain <= 1e-6f)
            {
                finished.Add(best);
                continue;
            }

            var left = Array.FindAll(best.Rows, row => _bins[row * width + best.Feature] <= best.Bin);
            var right = Array.FindAll(best.Rows, row => _bins[row * width + best.Feature] > best.Bin);
            var child = _nodes.Count;
            _nodes.Add(default);
            _nodes.Add(default);
            _nodes[best.Node] = new BoostedTrees.Node((short)best.Feature, checked((ushort)child), best.Bin);
            // The histogram of the larger child is that of its parent less that of the smaller one.
            var isLeftSmaller = left.Length < right.Length;
            var smaller = Measure(isLeftSmaller ? child : child + 1, isLeftSmaller ? left : right, chosen);
            var larger = Measure(isLeftSmaller ? child + 1 : child, isLeftSmaller ? right : left, chosen, best, smaller);
            open.Add(smaller);
            open.Add(larger);
        }

        foreach (var leaf in open.Concat(finished))
        {
            _nodes[leaf.Node] = new BoostedTrees.Node(
                -1, 0, (float)(-LearningRate * leaf.Gradient / (leaf.Curvature + Regularization * _minCurvature)));
        }

        return root;
    }

    Leaf Measure(int node, int[] rows, int[] chosen, Leaf? parent = null, Leaf? sibling = null)
    {
        var histogram = new Sum[chosen.Length * Bins];
        double gradient = 0, curvature = 0;
        foreach (var row in rows)
        {
            var (rowGradient, rowCurvature) = (_gradients[row], _curvatures[row]);
            gradient += rowGradient;
            curvature += rowCurvature;
            if (parent is not null)
            {
                continue;
            }

            var bins = _bins.AsSpan(row * width, width);
            for (var i = 0; i < chosen.Length; i++)
            {
                ref var sum = ref histogram[i * Bins + bins[chosen[i]]];
                sum.Gradient += rowGradient;
                sum.Curvature += rowCurvature;
            }
        }

        for (var i = 0; parent is not null && i < histogram.Length; i++)
        {
            histogram[i].Gradient = parent.Histogram[i].Gradient - sibling!.Histogram[i].Gradient;
            histogram[i].Curvature = parent.Histogram[i].Curvature - sibling.Histogram[i].Curvature;
        }

        var lambda = Regularization * _minCurvature;
        var best = (Gain: 0.0, Feature: -1, Bin: 0);
        for (var i = 0; i < chosen.Length; i++)
        {
            double leftGradient = 0, leftCurvature = 0;
            for (var bin = 0; bin < _thresholds[chosen[i]].Length - 1; bin++)
            {
                leftGradient += histogram[i * Bins + bin].Gradient;
                leftCurvature += histogram[i * Bins + bin].Curvature;
                var (rightGradient, rightCurvature) = (gradient - leftGradient, curvature - leftCurvature);
                if (leftCurvature < _minCurvature || rightCurvature < _minCurvature)
                {
                    continue;
                }

                var gain = leftGradient * leftGradient / (leftCurvature + lambda)
                    + rightGradient * rightGradient / (rightCurvature + lambda) - gradient * gradient / (curvature + lambda);
                if (gain > best.Gain)
                {
                    best = (gain, chosen[i], bin);
                }
            }
        }

        return new Leaf(node, rows, histogram, gradient, curvature, (float)best.Gain, best.Feature, best.Bin);
    }

    struct Sum
    {
        public double Gradient;
        public double Curvature;
    }

    sealed record Leaf(
        int Node, int[] Rows, Sum[] Histogram, double Gradient, double Curvature, float Gain, int Feature, int Bin);
}
