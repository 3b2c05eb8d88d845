"""The words by which columns are known, Indonesian and English; of a field the better first."""

#: Field -> phrases of a column's name, separated by a comma.
NAMES: dict[str, str] = {
    "key": "service request id, case concept name, case id, case, tracking id, tracking, record id, no tiket, "
    "nomor tiket, nomor, no laporan, no, id, ticket, request num, number, kode booking, pkey, nomor "
    "agenda, uid, uuid, no surat",
    "opened_at": "requested datetime, created at, created, create date, tanggal masuk, tgl masuk, waktu masuk, masuk, "
    "open dt, opened, open date, opened at, tanggal lapor, waktu lapor, tanggal pengaduan, tanggal "
    "laporan, tanggal buat, dibuat, diterima, received, start date, submitted, registered, issued date, "
    "reported, ring at, lapor, date time, tanggal, tgl, waktu, timestamp, date, datetime",
    "at": "time timestamp, timestamp, at, waktu, origin time, date time, datetime, scraped at, recorded at, "
    "measured, tanggal, tgl, insert date, update time, time, date, jam, periode",
    "closed_at": "closed at, closed, close date, closed dt, close, tanggal selesai, tgl selesai, waktu selesai, "
    "selesai, completed, complete, completion, resolved, end date, end at, ended, tutup, ditutup, "
    "finished, finish",
    "due_at": "due date, due, due at, deadline, tenggat, batas waktu, batas, jatuh tempo, sla, target, expected "
    "datetime, expected, target dt, planned",
    "status": "sr status, status, keadaan, state, kondisi, case status",
    "status_at": "status date, tanggal status, waktu status, tgl status, status at, updated datetime, updated at, "
    "updated, diubah, last update, perubahan, modified",
    "category": "category, kategori, sr type, service name, service type, jenis, tipe, type, topik, topic, "
    "klasifikasi, layanan, bidang, case title, poli, reason",
    "agency": "agency responsible, agency, opd, dinas, skpd, instansi, unit kerja, department, responsible section, "
    "division, unit asal, tujuan",
    "event_agency": "org group, support section, work group, workgroup, group, bagian, unit, each unit, section",
    "district": "district, kecamatan, kec, neighborhood, ward, distrik, kelurahan, council district, borough, "
    "kabupaten",
    "channel": "channel, kanal, method received, source, sumber, media lapor, saluran, origin, intake",
    "place": "place, lokasi, hospital, rumah sakit, rs, faskes, nmppk, puskesmas, pasar, region, wilayah, stasiun, "
    "station, pos, site",
    "priority": "priority, prioritas, urgensi, seriousness, severity, sifat, tingkat",
    "outcome": "outcome, hasil, resolution, putusan",
    "lat": "lat, latitude, lintang, coordinates 1, y",
    "lon": "lon, long, lng, longitude, bujur, coordinates 0, x",
    "stage": "concept name, activity, stage, tahap, tahapan, aktivitas, task name, taskname, event, langkah, posisi",
}
#: Words of a name that say that it is another field after all.
AGAINST: dict[str, str] = {
    "closed_at": "due expected plan planned rencana target",
    "opened_at": "birth close closed deadline due end last selesai status update updated",
    "at": "birth deadline due end enddate last planned start",
    "status": "at code date notes tanggal waktu",
    "category": "bed code kode",
    "district": "police",
    "stage": "case",
    "lat": "long",
    "event_agency": "case",
    "key": "area code instance parent type user zip",
    "place": "code",
}
#: Columns that hold people, their addresses and numbers.
PEOPLE = frozenset(
    "address alamat birth contact creator customer dob email firstname fullname geolocation handphone hp kk "
    "kontak ktp lahir lastname mail mobile msisdn nama nik nip nohp nokartu noktp nopol notelp npwp pasien patient "
    "pelanggan pelapor pemohon penerima pengadu pengirim petugas phone plat plate reporter requester resource "
    "responsible rt rw street surel telepon telp tlp user username wa whatsapp".split()
)
#: Columns that hold what people wrote or photographed.
WRITTEN = frozenset(
    "catatan comment comments description deskripsi detail foto image isi judul keterangan komentar media "
    "message note notes perihal pesan photo rincian ringkasan subject tanggapan teks text title uraian url".split()
)
#: Beside "nama" or "name" these are no people: nama_opd, hospital_name.
THINGS = frozenset(
    "agency category channel concept department dinas district faskes hospital instansi jenis kanal kategori "
    "kecamatan kelurahan layanan opd pasar poli pos ppk product puskesmas region rs service stasiun status "
    "task type unit".split()
)
