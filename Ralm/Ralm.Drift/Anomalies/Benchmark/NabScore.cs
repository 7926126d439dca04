using System.Runtime.InteropServices;

namespace Ralm.Drift.Anomalies.Benchmark;

/// <summary>What alarms are worth by the Numenta Anomaly Benchmark (Lavin and Ahmad, ICMLA 2015), under one profile. Scores of series add up.</summary>
/// <param name="Raw">Sum of what was earned and what it cost.</param>
/// <param name="Windows">To be found.</param>
/// <param name="Found">Windows with an alarm in them.</param>
/// <param name="FalseAlarms">Alarms outside of all windows.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct NabScore(double Raw, int Windows, int Found, int FalseAlarms)
{
    /// <summary>Of a series' rows no more than this is left to learn from; a share of shorter ones.</summary>
    private const int LongestProbation = 750;

    private const double ProbationShare = 0.15;

    /// <summary>In lengths of the window: behind it an alarm is wholly false.</summary>
    private const double FarBehind = 3;

    /// <summary>Rows at the beginning in which an alarm is neither right nor wrong.</summary>
    public static int Probation(int rows) => Math.Min((int)(ProbationShare * rows), LongestProbation);

    /// <param name="alarms">One a row.</param>
    /// <param name="windows">In order, apart from each other.</param>
    public static NabScore Of(IReadOnlyList<bool> alarms, IReadOnlyList<NabWindow> windows, NabProfile profile)
    {
        var (raw, found, falseAlarms) = (0.0, 0, 0);
        var (next, lastFound) = (0, -1);
        for (var row = 0; row < alarms.Count; row++)
        {
            while (next < windows.Count && row > windows[next].Last)
            {
                next++;
            }

            if (row < Probation(alarms.Count) || !alarms[row])
            {
                continue;
            }

            if (next == windows.Count || row < windows[next].First)
            {
                falseAlarms++;
                raw += profile.FalsePositive * (next == 0 ? -1 : Behind(windows[next - 1], row));
            }
            else if (lastFound != next)
            {
                (lastFound, found) = (next, found + 1);
                raw += profile.TruePositive * Within(windows[next], row);
            }
        }

        return new(raw - profile.FalseNegative * (windows.Count - found), windows.Count, found, falseAlarms);
    }

    public static NabScore operator +(NabScore left, NabScore right) => Add(left, right);

    public static NabScore Add(NabScore left, NabScore right) =>
        new(
            left.Raw + right.Raw,
            left.Windows + right.Windows,
            left.Found + right.Found,
            left.FalseAlarms + right.FalseAlarms
        );

    /// <summary>0 for who never alarms, 100 for who finds every window at its beginning and nothing else; below 0 is possible.</summary>
    public double Normalised(NabProfile profile)
    {
        var (nothing, perfect) = (-profile.FalseNegative * Windows, profile.TruePositive * Windows);
        return Windows == 0 ? 0 : 100 * (Raw - nothing) / (perfect - nothing);
    }

    /// <summary>1 at the first row, .86 in the middle, near 0 at the last row.</summary>
    private static double Within(NabWindow window, int row) =>
        Sigmoid(-(double)(window.Last - row + 1) / window.Length) / Sigmoid(-1);

    private static double Behind(NabWindow window, int row) =>
        window.Length == 1 ? -1 : Sigmoid((double)(row - window.Last) / (window.Length - 1));

    private static double Sigmoid(double place) => place > FarBehind ? -1 : 2 / (1 + Math.Exp(5 * place)) - 1;
}
